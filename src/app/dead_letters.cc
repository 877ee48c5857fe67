#include "app/dead_letters.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "app/sql_text.h"
#include "base/closest_name.h"
#include "base/json_text.h"
#include "base/shown_text.h"
#include "event/verdict.h"

namespace purvey::app {
namespace {

using base::Result;

constexpr size_t kShownBytes = 80;
constexpr std::string_view kVerdicts[] = {"conflict", "too_old", "quarantined", "rejected"};
constexpr std::string_view kStates[] = {"open", "retried", "discarded", "all"};
constexpr std::string_view kColumns[] = {"seq",    "received", "source",  "id", "verdict",
                                         "reason", "state",    "outcome", "raw"};

constexpr size_t kReceived = 1;

/// A time as SQL writes it, which is in UTC.
std::optional<std::string> rfc3339_of(std::optional<std::string> time) {
  if (!time) return time;
  std::replace(time->begin(), time->end(), ' ', 'T');
  return *time + "Z";
}

template <class Texts>
std::string joined(const Texts& texts, std::string_view between) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += between;
    out += text;
  }
  return out;
}

Result<void> check_word(std::string_view name, std::string_view given,
                        std::span<const std::string_view> words) {
  if (std::ranges::find(words, given) != words.end()) return {};
  return base::invalid_input(fmt::format("{}: '{}'; write one of: {}", name,
                                         base::shown_text(given, kShownBytes),
                                         joined(words, ", ")));
}

Result<void> check_reason(std::string_view given) {
  std::vector<std::string_view> words;
  for (size_t i = 1; i <= static_cast<size_t>(event::kLastReason); ++i) {
    words.push_back(event::reason_name(static_cast<event::Reason>(i)));
  }
  if (std::ranges::find(words, given) != words.end()) return {};
  const std::string_view closest = base::closest_name(given, words);
  return base::invalid_input(
      fmt::format("reason: there is no '{}'; {}", base::shown_text(given, kShownBytes),
                  closest.empty() ? "docs/data.md, section 3, lists all"
                                  : fmt::format("did you mean '{}'?", closest)));
}

void append_text(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  out += fmt::format(",\"{}\":", name);
  value ? base::append_json_string(out, *value) : static_cast<void>(out += "null");
}

std::string refused_json(int64_t seq, std::string_view reason) {
  std::string out = fmt::format("{{\"seq\":{},\"reason\":", seq);
  base::append_json_string(out, reason);
  return out + "}";
}

std::string missing_json(int64_t seq) {
  return refused_json(seq, "no open dead letter has this number");
}

int64_t number_of(const std::optional<std::string>& cell) {
  int64_t value = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), value);
  return value;
}

}  // namespace

std::string joined_numbers(std::span<const int64_t> numbers) {
  std::string out;
  for (const int64_t number : numbers) {
    if (!out.empty()) out += ',';
    out += std::to_string(number);
  }
  return out;
}

Result<void> check_filter(const LetterFilter& filter) {
  if (filter.verdict) PURVEY_TRY(check_word("verdict", *filter.verdict, kVerdicts));
  if (filter.reason) PURVEY_TRY(check_reason(*filter.reason));
  return check_word("state", filter.state, kStates);
}

std::string select_letters(const LetterFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM dead_letters WHERE seq > {}",
                                joined(kColumns, ", "), filter.after);
  if (filter.state != "all") sql += " AND state = " + sql_text(filter.state);
  if (!filter.letters.empty())
    sql += fmt::format(" AND seq IN ({})", joined_numbers(filter.letters));
  if (filter.source) sql += " AND source = " + sql_text(*filter.source);
  if (filter.verdict) sql += " AND verdict = " + sql_text(*filter.verdict);
  if (filter.reason) {
    sql += fmt::format(" AND (reason = {} OR starts_with(reason, {}))", sql_text(*filter.reason),
                       sql_text(*filter.reason + ":"));
  }
  if (filter.since) sql += fmt::format(" AND received >= make_timestamp({})", filter.since->micros);
  return sql + fmt::format(" ORDER BY seq LIMIT {}", filter.limit);
}

void DeadLetterDesk::list(LetterFilter filter, bool is_fresh, serve::Respond respond) {
  desk_.run(
      is_fresh,
      [this, filter = std::move(filter)](serve::Respond answered) mutable {
        const size_t limit = filter.limit++;  // one more says whether there is more
        const auto rows = desk_.rows(select_letters(filter));
        if (!rows) return answered(serve::error_response(rows.error()));
        std::string all;
        for (size_t i = 0; i < std::min(rows->size(), limit); ++i) {
          all += fmt::format("{}{{\"seq\":{}", i == 0 ? "" : ",", number_of((*rows)[i][0]));
          for (size_t column = 1; column < std::size(kColumns); ++column) {
            append_text(all, kColumns[column],
                        column == kReceived ? rfc3339_of((*rows)[i][column]) : (*rows)[i][column]);
          }
          all += '}';
        }
        const std::string cursor =
            rows->size() > limit ? fmt::format("{}", number_of((*rows)[limit - 1][0])) : "null";
        answered(serve::json_response(
            200, fmt::format("{{\"dead_letters\":[{}],\"cursor\":{}}}", all, cursor)));
      },
      std::move(respond));
}

Result<DeadLetterDesk::Found> DeadLetterDesk::find_open(LetterFilter filter) {
  filter.state = "open";
  const size_t limit = filter.limit++;
  const auto rows = PURVEY_TRY(desk_.rows(select_letters(filter)));
  Found found{.letters = {}, .missing = {}, .more = rows.size() > limit};
  std::set<int64_t> missing(filter.letters.begin(), filter.letters.end());
  for (size_t i = 0; i < std::min(rows.size(), limit); ++i) {
    found.letters.push_back({number_of(rows[i][0]), rows[i].back().value_or("")});
    missing.erase(found.letters.back().seq);
  }
  if (!found.more) found.missing.assign(missing.begin(), missing.end());
  return found;
}

void DeadLetterDesk::retry(LetterFilter filter, serve::Respond respond) {
  desk_.run(
      true,
      [this, filter = std::move(filter)](serve::Respond answered) {
        const auto found = find_open(filter);
        if (!found) return answered(serve::error_response(found.error()));
        retry_found(*found, std::move(answered));
      },
      std::move(respond));
}

void DeadLetterDesk::retry_found(const Found& found, serve::Respond respond) {
  const auto command = std::make_shared<OperatorCommand>();
  command->verb = OperatorVerb::kRetry;
  std::vector<std::string> refused;
  for (const int64_t seq : found.missing) refused.push_back(missing_json(seq));
  // Only what is an event by now goes on: the others stay as they are, without another letter each.
  const auto decoded = intake_.decode_again([&](event::JsonDecoder& decoder,
                                                event::EventBatch& batch) -> Result<void> {
    for (const Letter& letter : found.letters) {
      std::string text = letter.raw;
      const size_t size = text.size();
      text.append(64, ' ');
      event::EventBatch one;
      event::decode_within_limit(std::string_view(text).substr(0, size), decoder, one);
      if (one.rows[0].refused) {
        const auto& refusal = one.refusals[one.rows[0].row].refusal;
        refused.push_back(refused_json(
            letter.seq, fmt::format("{}: {}", event::reason_name(refusal.reason), refusal.detail)));
        continue;
      }
      event::decode_within_limit(std::string_view(text).substr(0, size), decoder, batch);
      command->letters.push_back(letter.seq);
    }
    return {};
  });
  if (!decoded) return respond(serve::error_response(decoded.error()));
  command->events = *decoded;
  const auto answer = [command, refused = std::move(refused), more = found.more] {
    std::string retried;
    for (size_t i = 0; i < command->letters.size(); ++i) {
      retried +=
          fmt::format("{}{{\"seq\":{},\"verdict\":\"{}\"}}", i == 0 ? "" : ",", command->letters[i],
                      event::verdict_name(command->events->rows[i].verdict));
    }
    return fmt::format("{{\"retried\":[{}],\"refused\":[{}],\"more\":{}}}", retried,
                       joined(refused, ","), more);
  };
  submit(command, answer, std::move(respond));
}

void DeadLetterDesk::discard(LetterFilter filter, serve::Respond respond) {
  desk_.run(
      true,
      [this, filter = std::move(filter)](serve::Respond answered) {
        const auto found = find_open(filter);
        if (!found) return answered(serve::error_response(found.error()));
        discard_found(*found, std::move(answered));
      },
      std::move(respond));
}

void DeadLetterDesk::discard_found(const Found& found, serve::Respond respond) {
  const auto command = std::make_shared<OperatorCommand>();
  command->verb = OperatorVerb::kDiscard;
  for (const Letter& letter : found.letters) command->letters.push_back(letter.seq);
  std::vector<std::string> refused;
  for (const int64_t seq : found.missing) refused.push_back(missing_json(seq));
  const auto answer = [command, refused = std::move(refused), more = found.more] {
    return fmt::format("{{\"discarded\":[{}],\"refused\":[{}],\"more\":{}}}",
                       joined_numbers(command->letters), joined(refused, ","), more);
  };
  submit(command, answer, std::move(respond));
}

/// Journals the command, and answers when it is done.
void DeadLetterDesk::submit(std::shared_ptr<const OperatorCommand> command,
                            const std::function<std::string()>& answer, serve::Respond respond) {
  if (command->letters.empty()) return respond(serve::json_response(200, answer()));
  const auto shared = std::make_shared<serve::Respond>(std::move(respond));
  const auto submitted = flow_.submit(
      {.batch = nullptr,
       .done =
           [shared](const Result<void>& done) {
             if (!done) (*shared)(serve::error_response(done.error()));
           },
       .command = std::move(command),
       .counted = [shared, answer] { (*shared)(serve::json_response(200, answer())); }});
  if (!submitted) (*shared)(serve::error_response(submitted.error()));
}

}  // namespace purvey::app
