#include <fmt/core.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <future>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/console.h"
#include "app/dead_letter_routes.h"
#include "app/settings_note.h"
#include "app/sql_command.h"
#include "app/up_to_date.h"
#include "serve/metrics.h"
#include "store/depot/folder_lock.h"

namespace purvey::app {
namespace {

namespace dom = simdjson::dom;
using base::Result;

struct LetterArguments {
  WhereOptions where;
  LetterFilter filter;
  std::string since;
  bool all = false;
  ResultForm form;
};

Result<LetterFilter> filter_of(const LetterArguments& arguments) {
  LetterFilter filter = arguments.filter;
  if (!arguments.since.empty()) {
    const auto since = base::parse_rfc3339(arguments.since);
    if (!since) {
      return base::invalid_input(
          fmt::format("--since {}: write a time such as 2026-01-02T03:04:05Z", arguments.since));
    }
    filter.since = *since;
  }
  PURVEY_TRY(check_filter(filter));
  return filter;
}

Result<void> list(const LetterArguments& arguments) {
  auto filter = PURVEY_TRY(filter_of(arguments));
  const uint64_t most = filter.limit++;  // one more says whether there is more
  return ask_sql({.sql = select_letters(filter),
                  .where = arguments.where,
                  .form = arguments.form,
                  .rows = most,
                  .for_more = "--limit N shows more, --after SEQ those behind one"});
}

/// What a server answers to the same, without one.
class StoppedFolder {
 public:
  static Result<std::unique_ptr<StoppedFolder>> open(const std::string& data) {
    // Whether there is a store at all, and up to date; a folder is not made here.
    {
      const auto store = PURVEY_TRY(open_up_to_date(data));
    }
    auto settings = noted_settings(data);
    if (!settings && settings.error().code == base::ErrorCode::kNotFound) {
      settings = load_configuration(settings_file({}));
    }
    if (!settings) return settings.error();
    std::unique_ptr<StoppedFolder> folder(new StoppedFolder(*std::move(settings)));
    PURVEY_TRY(folder->begin(data));
    return folder;
  }

  Result<std::string> act(bool is_retry, const LetterFilter& filter) {
    // Shared: who answers may still be at it when the answer is here.
    const auto answered = std::make_shared<std::promise<serve::Response>>();
    auto answer = answered->get_future();
    serve::Respond respond(
        [answered](serve::Response response) { answered->set_value(std::move(response)); });
    is_retry ? letters_->retry(filter, std::move(respond))
             : letters_->discard(filter, std::move(respond));
    const serve::Response response = answer.get();
    if (response.status == 200) return response.body;
    return base::unavailable(response.body);
  }

  Result<void> stop() {
    desk_.reset();
    return flow_->stop();
  }

 private:
  explicit StoppedFolder(Configuration settings) : settings_(std::move(settings)) {}

  Result<void> begin(const std::string& data) {
    flow_ = PURVEY_TRY(LiveFlow::open(live_options(data, settings_), settings_));
    intake_ = std::make_unique<EventIntake>(*flow_, metrics_.registry());
    desk_ = std::make_unique<QuestionDesk>(*flow_,
                                           read_question_limits(settings_.settings.section("sql")));
    letters_ = std::make_unique<DeadLetterDesk>(*flow_, *intake_, *desk_);
    return {};
  }

  const Configuration settings_;  ///< the flow refers to it
  serve::Metrics metrics_;
  std::unique_ptr<LiveFlow> flow_;
  std::unique_ptr<EventIntake> intake_;
  std::unique_ptr<QuestionDesk> desk_;
  std::unique_ptr<DeadLetterDesk> letters_;
};

/// What one answer says, counted and as JSON.
struct Told {
  size_t done = 0;
  size_t refused = 0;
  std::string results;  ///< the members of a JSON array
  bool more = false;
  int64_t last = 0;  ///< the highest seq it is about
};

void print_result(const dom::element& one, std::string_view otherwise, bool json, Told& told) {
  int64_t seq = 0;
  const bool has_seq =
      one.get(seq) == simdjson::SUCCESS || one["seq"].get(seq) == simdjson::SUCCESS;
  if (!has_seq) return;
  std::string_view verdict;
  if (one["verdict"].get(verdict) != simdjson::SUCCESS) verdict = otherwise;
  std::string_view reason;
  const bool is_refused = one["reason"].get(reason) == simdjson::SUCCESS;
  ++(is_refused ? told.refused : told.done);
  told.last = std::max(told.last, seq);
  if (json) {
    told.results +=
        fmt::format("{}{}", told.results.empty() ? "" : ",\n",
                    one.is_object() ? simdjson::minify(one) : fmt::format("{{\"seq\":{}}}", seq));
  } else {
    fmt::print("{}: {}\n", seq, is_refused ? reason : verdict);
  }
}

Result<Told> tell(const std::string& body, bool json, std::string results) {
  dom::parser parser;
  dom::object answer;
  if (parser.parse(body).get(answer) != simdjson::SUCCESS) {
    return base::unavailable("the server's answer cannot be read");
  }
  Told told{.results = std::move(results)};
  for (const auto [name, value] : answer) {
    dom::array list;
    bool more = false;
    if (name == "more" && value.get(more) == simdjson::SUCCESS) told.more = more;
    if (value.get(list) != simdjson::SUCCESS) continue;
    for (const dom::element one : list) {
      print_result(one, name == "discarded" ? "discarded" : "not told", json, told);
    }
  }
  return told;
}

/// `ask` gives the answer to a body, until none is left.
Result<int> act_on_all(LetterFilter filter, bool json,
                       const std::function<Result<std::string>(const LetterFilter&)>& ask) {
  size_t refused = 0;
  std::string results;
  for (;;) {
    const std::string body = PURVEY_TRY(ask(filter));
    auto told = PURVEY_TRY(tell(body, json, std::move(results)));
    refused += told.refused;
    results = std::move(told.results);
    // Those that stay open are not asked for again.
    if (!told.more || told.last <= filter.after) break;
    filter.after = told.last;
  }
  if (json) fmt::print("[{}]\n", results);
  return refused == 0 ? kDone : kFinding;
}

Result<int> act(const LetterArguments& arguments, bool is_retry) {
  LetterFilter filter = PURVEY_TRY(filter_of(arguments));
  filter.limit = kLettersMax;
  if (arguments.all == !filter.is_open_to_all()) {
    return base::invalid_input(
        "say which: numbers, or --source, --verdict, --reason and --since, or --all alone");
  }
  const auto server = PURVEY_TRY(RunningServer::find(arguments.where));
  if (server) {
    return act_on_all(
        filter, arguments.form.json, [&](const LetterFilter& part) -> Result<std::string> {
          const char* const verb = is_retry ? "retry" : "discard";
          auto answer =
              PURVEY_TRY(server->call({.method = serve::Method::kPost,
                                       .path = fmt::format("/api/v1/dead-letters/{}", verb),
                                       .content_type = "application/json",
                                       .body = letter_body(part)}));
          return std::move(answer.body);
        });
  }
  const auto folder = PURVEY_TRY(StoppedFolder::open(arguments.where.data));
  auto status = act_on_all(filter, arguments.form.json, [&](const LetterFilter& part) {
    return folder->act(is_retry, part);
  });
  PURVEY_TRY(folder->stop());
  return status;
}

void add_filter(CLI::App& command, LetterArguments& arguments) {
  add_where_options(command, arguments.where);
  command.add_option("--source", arguments.filter.source, "of the event");
  command.add_option("--verdict", arguments.filter.verdict,
                     "conflict, too_old, quarantined or rejected");
  command.add_option("--reason", arguments.filter.reason, "its word, such as future");
  command.add_option("--since", arguments.since, "received then or later: 2026-01-02T03:04:05Z");
  command.add_flag("--json", arguments.form.json, "an array of objects");
  command.add_option("SEQ", arguments.filter.letters, "numbers of dead letters");
}

void add_list(CLI::App& letters, int& status) {
  auto arguments = std::make_shared<LetterArguments>();
  auto* const command = letters.add_subcommand("list", "the oldest first");
  add_filter(*command, *arguments);
  command->add_option("--state", arguments->filter.state, "open, retried, discarded or all")
      ->capture_default_str();
  command->add_option("--limit", arguments->filter.limit, "at most so many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--after", arguments->filter.after, "those behind this number")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--out", arguments->form.out, "file instead of standard output");
  command->callback([arguments, &status] {
    const auto listed = list(*arguments);
    status = listed ? kDone : report(listed.error());
  });
}

void add_act(CLI::App& letters, int& status, bool is_retry) {
  auto arguments = std::make_shared<LetterArguments>();
  auto* const command =
      is_retry ? letters.add_subcommand("retry", "bring their events through intake once more")
               : letters.add_subcommand("discard", "take them out of sight");
  add_filter(*command, *arguments);
  command->add_flag("--all", arguments->all, "all that are open");
  command->callback([arguments, is_retry, &status] {
    const auto done = act(*arguments, is_retry);
    status = done ? *done : report(done.error());
  });
}

}  // namespace

void add_dead_letters_command(CLI::App& app, int& status) {
  auto* const command =
      app.add_subcommand("dead-letters", "events that were not taken in: list, retry, discard");
  command->footer("Example: purvey dead-letters list --data ./purvey-data --reason future");
  command->require_subcommand(1);
  add_list(*command, status);
  add_act(*command, status, true);
  add_act(*command, status, false);
}

}  // namespace purvey::app
