#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/config/config.h"
#include "services/common/config/values.h"
#include "services/common/status/status.h"

namespace praxis::config {
namespace {

// What a value must be, as the second half of a sentence.
absl::Status MustBe(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Editors put a newline at the end and Kubernetes does not: neither belongs to
// the secret. An empty one is a file that was not filled in.
absl::StatusOr<std::string> ReadSecretFile(absl::string_view path) {
  std::ifstream file{std::string(path)};
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file || content.empty()) {
    return MustBe("the path of a file that can be read and is not empty");
  }
  if (content.back() == '\n') content.pop_back();
  if (!content.empty() && content.back() == '\r') content.pop_back();
  return content;
}

}  // namespace

// Every kind of flag is two functions over its target, one that reads a value
// and one that shows it; parsing knows nothing else of it.
Config::Flag& Config::Add(absl::string_view name, absl::string_view placeholder,
                          absl::string_view help) {
  Flag& flag = flags_.emplace_back();
  flag.name = std::string(name);
  flag.placeholder = std::string(placeholder);
  flag.help = std::string(help);
  flag.section = section_;
  return flag;
}

void Config::String(absl::string_view name, std::string* target,
                    absl::string_view help) {
  Flag& flag = Add(name, "TEXT", help);
  flag.read = [=](absl::string_view text) {
    *target = std::string(text);
    return absl::OkStatus();
  };
  flag.show = [=] { return MaskPasswords(*target); };
  flag.default_text = flag.show();
}

void Config::Path(absl::string_view name, std::string* target,
                  absl::string_view help) {
  // An empty path would mean the working folder to some and none to others.
  String(name, target, help);
  Flag& flag = flags_.back();
  flag.placeholder = "PATH";
  flag.read = [=](absl::string_view text) {
    if (text.empty()) return MustBe("a path");
    *target = std::string(text);
    return absl::OkStatus();
  };
}

void Config::Address(absl::string_view name, std::string* target,
                     absl::string_view help) {
  String(name, target, help);
  Flag& flag = flags_.back();
  flag.placeholder = "HOST:PORT";
  flag.read = [=](absl::string_view text) {
    if (!IsAddress(text)) {
      return MustBe("an address such as 127.0.0.1:8080 or [::]:8080");
    }
    *target = std::string(text);
    return absl::OkStatus();
  };
}

void Config::Addresses(absl::string_view name, std::string* target,
                       absl::string_view help) {
  String(name, target, help);
  Flag& flag = flags_.back();
  flag.placeholder = "HOST:PORT[,...]";
  flag.read = [=](absl::string_view text) {
    if (!IsAddressList(text)) {
      return MustBe(
          "an address such as members:8091, or several of IPv4 such as "
          "10.0.0.1:8091,10.0.0.2:8091");
    }
    *target = std::string(text);
    return absl::OkStatus();
  };
}

void Config::Bool(absl::string_view name, bool* target,
                  absl::string_view help) {
  Flag& flag = Add(name, "true|false", help);
  flag.is_bool = true;
  flag.quoted = false;
  flag.read = [=](absl::string_view text) {
    const auto value = ParseBool(text);
    if (!value.has_value()) return MustBe("true or false");
    *target = *value;
    return absl::OkStatus();
  };
  flag.show = [=]() -> std::string { return *target ? "true" : "false"; };
  flag.default_text = flag.show();
}

void Config::Int(absl::string_view name, int* target, int min, int max,
                 absl::string_view help) {
  Flag& flag = Add(name, "NUMBER", help);
  flag.quoted = false;
  flag.read = [=](absl::string_view text) {
    int value;
    if (!absl::SimpleAtoi(text, &value) || value < min || value > max) {
      return MustBe(absl::StrCat("a number from ", min, " to ", max));
    }
    *target = value;
    return absl::OkStatus();
  };
  flag.show = [=] { return absl::StrCat(*target); };
  flag.default_text = flag.show();
}

void Config::Port(absl::string_view name, int* target, absl::string_view help) {
  Int(name, target, 0, std::numeric_limits<uint16_t>::max(), help);
  flags_.back().placeholder = "PORT";
}

void Config::Duration(absl::string_view name, absl::Duration* target,
                      absl::Duration min, absl::Duration max,
                      absl::string_view help) {
  Flag& flag = Add(name, "DURATION", help);
  flag.read = [=](absl::string_view text) {
    const auto value = ParseDuration(text);
    if (!value.has_value() || *value < min || *value > max) {
      return MustBe(absl::StrCat("a duration from ", absl::FormatDuration(min),
                                 " to ", absl::FormatDuration(max),
                                 ", such as 100ms or 1h30m"));
    }
    *target = *value;
    return absl::OkStatus();
  };
  flag.show = [=] { return absl::FormatDuration(*target); };
  flag.default_text = flag.show();
}

void Config::Bytes(absl::string_view name, int64_t* target, int64_t min,
                   int64_t max, absl::string_view help) {
  Flag& flag = Add(name, "BYTES", help);
  flag.read = [=](absl::string_view text) {
    const auto value = ParseBytes(text);
    if (!value.has_value() || *value < min || *value > max) {
      return MustBe(absl::StrCat("a size from ", BytesText(min), " to ",
                                 BytesText(max), ", such as 64MiB"));
    }
    *target = *value;
    return absl::OkStatus();
  };
  flag.show = [=] { return BytesText(*target); };
  flag.default_text = flag.show();
}

void Config::Variable(absl::string_view name, absl::string_view placeholder,
                      std::function<absl::Status(absl::string_view)> read,
                      std::function<std::string()> show,
                      absl::string_view help) {
  Flag& flag = Add(name, placeholder, help);
  flag.is_variable = true;
  flag.read = std::move(read);
  flag.show = std::move(show);
  flag.default_text = flag.show();
}

// The default text stays empty: there is no default secret.
void Config::Secret(absl::string_view name, std::string* target,
                    absl::string_view help) {
  Flag& flag =
      Add(absl::StrCat(name, "_file"), "PATH",
          absl::StrCat(help, " The environment may hold it itself, as ",
                       "PRAXIS_", absl::AsciiStrToUpper(name), "."));
  flag.secret = std::string(name);
  flag.read = [=](absl::string_view path) -> absl::Status {
    ASSIGN_OR_RETURN(*target, ReadSecretFile(path));
    return absl::OkStatus();
  };
  flag.set_secret = [=](absl::string_view value) {
    *target = std::string(value);
  };
  flag.show = [=]() -> std::string { return target->empty() ? "" : "***"; };
}

}  // namespace praxis::config
