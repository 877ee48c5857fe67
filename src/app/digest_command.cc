#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/up_to_date.h"

namespace purvey::app {
namespace {

struct DigestArguments {
  std::string data = "purvey-data";
  bool json = false;
};

base::Result<void> print_digest(const DigestArguments& arguments) {
  auto store = PURVEY_TRY(open_when_stopped(arguments.data));
  const auto digest = PURVEY_TRY(store->digest());
  if (arguments.json) {
    fmt::print("{{\"digest\":\"{}\"}}\n", digest);
  } else {
    fmt::print("{}\n", digest);
  }
  return {};
}

}  // namespace

void add_digest_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<DigestArguments>();
  auto* const command =
      app.add_subcommand("digest", "one hash of all results: equal if and only if the results are");
  command->footer("Example: purvey digest --data ./purvey-data");
  add_data_option(*command, arguments->data);
  command->add_flag("--json", arguments->json, "for programs");
  command->callback([arguments, &status] {
    const auto printed = print_digest(*arguments);
    status = printed ? kDone : report(printed.error());
  });
}

}  // namespace purvey::app
