#include "services/common/config/config.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/config/values.h"
#include "services/common/config/version.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/json.h"

namespace praxis::config {
namespace {

std::string EnvironmentName(absl::string_view flag) {
  return absl::StrCat("PRAXIS_", absl::AsciiStrToUpper(flag));
}

// Lines of `text` that fit into 78 columns, each behind six spaces.
std::string Wrapped(absl::string_view text) {
  constexpr size_t kColumns = 78;
  const std::string indent = "      ";
  std::string out;
  std::string line = indent;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (line.size() + 1 + word.size() > kColumns && line != indent) {
      absl::StrAppend(&out, line, "\n");
      line = indent;
    }
    absl::StrAppend(&line, line == indent ? "" : " ", word);
  }
  return absl::StrCat(out, line, "\n");
}

}  // namespace

// "--name", "--name=value".
struct Config::Argument {
  const Flag* flag = nullptr;
  bool has_value = false;
  std::string value;
};

Config::Config(absl::string_view program, absl::string_view summary)
    : program_(program), summary_(summary) {}

void Config::Section(absl::string_view title) { section_ = std::string(title); }

const Config::Flag* Config::Find(absl::string_view name) const {
  const auto found = std::find_if(
      flags_.begin(), flags_.end(),
      [&](const Flag& flag) { return flag.name == name && !flag.is_variable; });
  return found == flags_.end() ? nullptr : &*found;
}

// The flag that was most likely meant, if any is near enough.
std::string Config::Suggestion(absl::string_view name) const {
  constexpr int kChangesMax = 3;
  const Flag* closest = nullptr;
  int fewest = kChangesMax + 1;
  for (const Flag& flag : flags_) {
    if (flag.is_variable) continue;
    const int changes = EditDistance(name, flag.name);
    if (changes < fewest) {
      closest = &flag;
      fewest = changes;
    }
  }
  return closest == nullptr ? "--help lists those there are"
                            : absl::StrCat("did you mean --", closest->name);
}

// Nothing is guessed: a word that is no flag, or no flag of ours, ends the
// start, for a setting that is silently not made is found out in production.
absl::StatusOr<Config::Argument> Config::ReadArgument(
    absl::string_view text) const {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "--") || rest.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is no flag; settings are written --name=value."));
  }
  Argument argument;
  const size_t equals = rest.find('=');
  argument.has_value = equals != absl::string_view::npos;
  if (argument.has_value) {
    argument.value = std::string(rest.substr(equals + 1));
  }
  // Both ways of writing are common: --grpc-port and --grpc_port.
  const std::string name =
      absl::StrReplaceAll(rest.substr(0, equals), {{"-", "_"}});
  argument.flag = Find(name);
  if (argument.flag != nullptr) return argument;
  const Flag* negated =
      absl::StartsWith(name, "no") ? Find(name.substr(2)) : nullptr;
  if (negated != nullptr && negated->is_bool && !argument.has_value) {
    return Argument{.flag = negated, .has_value = true, .value = "false"};
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no flag --", name, "; ", Suggestion(name), "."));
}

absl::Status Config::ReadEnvironment(const Flag& flag,
                                     const Environment& environment) const {
  const std::string name =
      flag.is_variable ? flag.name : EnvironmentName(flag.name);
  if (const char* value = environment(name); value && *value != '\0') {
    const absl::Status read = flag.read(value);
    if (read.ok()) return read;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " in the environment is \"", MaskPasswords(value),
                     "\"; it must be ", read.message(), "."));
  }
  if (flag.secret.empty()) return absl::OkStatus();
  const char* value = environment(EnvironmentName(flag.secret));
  if (value != nullptr && *value != '\0') flag.set_secret(value);
  return absl::OkStatus();
}

absl::StatusOr<const Config::Flag*> Config::ReadFlag(
    const std::vector<std::string>& arguments, size_t* at) const {
  ASSIGN_OR_RETURN(Argument argument, ReadArgument(arguments[*at]));
  const Flag& flag = *argument.flag;
  if (!argument.has_value && flag.is_bool) {
    argument.value = "true";
  } else if (!argument.has_value) {
    if (++*at == arguments.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag.name, " needs a value: --", flag.name, "=",
                       flag.placeholder, "."));
    }
    argument.value = arguments[*at];
  }
  if (const absl::Status read = flag.read(argument.value); !read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " is \"", MaskPasswords(argument.value),
                     "\"; it must be ", read.message(), "."));
  }
  return &flag;
}

absl::StatusOr<std::string> Config::Parse(
    const std::vector<std::string>& arguments, const Environment& environment) {
  bool print = false;
  // Whoever asks for help gets it, whatever else is wrong.
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return Help();
    if (argument == "--version") {
      return absl::StrCat(program_, " ", Version(), "\n");
    }
  }
  // What an argument sets is not looked up in the environment.
  std::vector<const Flag*> given;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--print_config" || arguments[i] == "--print-config") {
      print = true;
      continue;
    }
    ASSIGN_OR_RETURN(const Flag* flag, ReadFlag(arguments, &i));
    given.push_back(flag);
  }
  for (const Flag& flag : flags_) {
    if (std::find(given.begin(), given.end(), &flag) == given.end()) {
      RETURN_IF_ERROR(ReadEnvironment(flag, environment));
    }
  }
  return print ? Json() : "";
}

void Config::ParseOrExit(int argc, char** argv) {
  const absl::StatusOr<std::string> text =
      Parse(std::vector<std::string>(argv + 1, argv + argc),
            [](const std::string& name) { return std::getenv(name.c_str()); });
  if (!text.ok()) {
    std::fprintf(stderr, "%s: %s\n", program_.c_str(),
                 std::string(text.status().message()).c_str());
    std::exit(2);
  }
  if (!text->empty()) {
    std::fputs(text->c_str(), stdout);
    std::exit(0);
  }
}

// The names are those of the flags, so that the output can be held against a
// command line; a secret has the name of what is in its file.
std::string Config::Json() const {
  std::string json = "{";
  for (const Flag& flag : flags_) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\n  ");
    telemetry::AppendJsonString(flag.secret.empty() ? flag.name : flag.secret,
                                &json);
    json += ": ";
    if (flag.quoted) {
      telemetry::AppendJsonString(flag.show(), &json);
    } else {
      json += flag.show();
    }
  }
  return json + "\n}\n";
}

std::string Config::Help() const {
  std::string help = absl::StrCat(
      program_, " ", Version(), "\n\n", summary_, "\n\nUsage: ", program_,
      " [--name=value ...]\n\nEvery flag can be set in the environment too, "
      "--some_flag as PRAXIS_SOME_FLAG;\nthe flag wins.\n");
  absl::string_view section;
  for (const Flag& flag : flags_) {
    if (flag.section != section) {
      section = flag.section;
      absl::StrAppend(&help, "\n", section, "\n");
    }
    absl::StrAppend(&help, flag.is_variable ? "  " : "  --", flag.name, "=",
                    flag.placeholder);
    if (!flag.default_text.empty()) {
      absl::StrAppend(&help, "  (default ", flag.default_text, ")");
    }
    absl::StrAppend(&help, "\n", Wrapped(flag.help));
  }
  absl::StrAppend(&help, "\nAnd\n  --print_config\n",
                  Wrapped("Print every setting as JSON, secrets covered, and "
                          "end."),
                  "  --version, --help\n");
  return help;
}

}  // namespace praxis::config
