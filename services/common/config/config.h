// The configuration of a program: flags, else PRAXIS_* of the environment, else
// defaults.
#ifndef SERVICES_COMMON_CONFIG_CONFIG_H_
#define SERVICES_COMMON_CONFIG_CONFIG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::config {

// The flags of one program, bound to the fields of its options. What a field
// holds when it is bound is its default. Main declares them, parses, and hands
// the options on: nothing below main reads flags or environment.
//
//   struct Options { std::string listen = "127.0.0.1:8091"; ... } options;
//   Config config("praxis-members", "Serves people and communities.");
//   config.Section("Network");
//   config.Address("listen", &options.listen, "Address that gRPC listens on.");
//   config.ParseOrExit(argc, argv);
//
// A flag is written --name=value or --name value; a boolean one also --name and
// --noname. In the environment --grpc_port is PRAXIS_GRPC_PORT, where an empty
// value counts as none. Beside those declared there are --help, --version and
// --print_config. Targets must outlive the parsing.
class Config {
 public:
  // `summary` is a sentence or two of what the program is for.
  Config(absl::string_view program, absl::string_view summary);

  // Begins a group of flags in the help text.
  void Section(absl::string_view title);

  void String(absl::string_view name, std::string* target,
              absl::string_view help);
  // A file or folder; it need not be there.
  void Path(absl::string_view name, std::string* target,
            absl::string_view help);
  // See IsAddress in values.h.
  void Address(absl::string_view name, std::string* target,
               absl::string_view help);
  // Where a service is; see IsAddressList in values.h.
  void Addresses(absl::string_view name, std::string* target,
                 absl::string_view help);
  void Bool(absl::string_view name, bool* target, absl::string_view help);
  // From `min` to `max`, both included.
  void Int(absl::string_view name, int* target, int min, int max,
           absl::string_view help);
  // 0 is any free port.
  void Port(absl::string_view name, int* target, absl::string_view help);
  void Duration(absl::string_view name, absl::Duration* target,
                absl::Duration min, absl::Duration max, absl::string_view help);
  void Bytes(absl::string_view name, int64_t* target, int64_t min, int64_t max,
             absl::string_view help);

  // One of a set of names, each of which stands for a value.
  template <typename Value>
  void Choice(absl::string_view name, Value* target,
              std::vector<std::pair<std::string, Value>> choices,
              absl::string_view help);

  // What nobody may see: the flag --NAME_file names a file that holds it (one
  // newline at its end is not part of it); the environment also has it itself,
  // as PRAXIS_NAME. There is no flag for the value: others see command lines.
  void Secret(absl::string_view name, std::string* target,
              absl::string_view help);

  // What only the environment has, under a name of its own that others gave it
  // ("OTEL_SERVICE_NAME"). `read` and `show` are as those of a flag: a failure
  // says what the value must be, and nothing secret is shown.
  void Variable(absl::string_view name, absl::string_view placeholder,
                std::function<absl::Status(absl::string_view)> read,
                std::function<std::string()> show, absl::string_view help);

  const std::string& program() const { return program_; }

  // A variable of the environment, null when it is not set.
  using Environment = std::function<const char*(const std::string& name)>;

  // Sets the targets from `arguments`, the program's name not among them. The
  // result is empty, or what to print before ending at once (--help ...). A
  // failure's message says in one sentence which setting is wrong and what it
  // must be.
  absl::StatusOr<std::string> Parse(const std::vector<std::string>& arguments,
                                    const Environment& environment);

  // The same for main. Prints and ends the process when that is asked for (0)
  // or when a setting is wrong (2).
  void ParseOrExit(int argc, char** argv);

  // Every setting as it is now, a JSON object; secrets and passwords covered.
  std::string Json() const;
  // What --help prints.
  std::string Help() const;

 private:
  struct Flag {
    std::string name;
    std::string help;
    // What stands for the value in the help text: "PORT".
    std::string placeholder;
    // Reads a value; a failure says what it must be: "a number from 1 to 9".
    std::function<absl::Status(absl::string_view)> read;
    // The value as text, nothing secret in it.
    std::function<std::string()> show;
    bool is_bool = false;
    // The environment alone has it, under this very name.
    bool is_variable = false;
    // Numbers and booleans are not quoted in JSON.
    bool quoted = true;
    // The name of a secret without "_file", which the environment may hold.
    std::string secret;
    std::function<void(absl::string_view)> set_secret;
    // What show() said before parsing.
    std::string default_text;
    std::string section;
  };

  Flag& Add(absl::string_view name, absl::string_view placeholder,
            absl::string_view help);
  // The flag that an argument names, and its value if it has one.
  struct Argument;
  absl::StatusOr<Argument> ReadArgument(absl::string_view text) const;
  // Sets the flag that arguments[*at] names, with the next one if it is its
  // value: then `*at` moves on to that.
  absl::StatusOr<const Flag*> ReadFlag(
      const std::vector<std::string>& arguments, size_t* at) const;
  absl::Status ReadEnvironment(const Flag& flag,
                               const Environment& environment) const;
  const Flag* Find(absl::string_view name) const;
  std::string Suggestion(absl::string_view name) const;

  const std::string program_;
  const std::string summary_;
  std::string section_;
  std::vector<Flag> flags_;
};

template <typename Value>
void Config::Choice(absl::string_view name, Value* target,
                    std::vector<std::pair<std::string, Value>> choices,
                    absl::string_view help) {
  std::string all;
  for (const auto& choice : choices) {
    all += (all.empty() ? "" : "|") + choice.first;
  }
  Flag& flag = Add(name, all, help);
  flag.read = [=](absl::string_view text) -> absl::Status {
    for (const auto& [choice, value] : choices) {
      if (text == choice) {
        *target = value;
        return absl::OkStatus();
      }
    }
    return absl::InvalidArgumentError("one of " + all);
  };
  flag.show = [=] {
    for (const auto& [choice, value] : choices) {
      if (*target == value) return choice;
    }
    return std::string();
  };
  flag.default_text = flag.show();
}

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_CONFIG_H_
