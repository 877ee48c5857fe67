#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/event_intake.h"
#include "app/live_flow.h"
#include "app/question_desk.h"
#include "serve/http.h"

namespace purvey::app {

/// Letters of one request at most.
inline constexpr size_t kLettersMax = 1'000;

/// Which dead letters are meant: those that fit all that is given.
struct LetterFilter {
  std::vector<int64_t> letters = {};  ///< their seqs; empty: any
  std::optional<std::string> source = {};
  std::optional<std::string> verdict = {};    ///< conflict, too_old, quarantined or rejected
  std::optional<std::string> reason = {};     ///< its word, as in docs/data.md: `future`
  std::optional<base::EventTime> since = {};  ///< received then or later
  std::string state = "open";                 ///< or retried, discarded, all
  int64_t after = 0;                          ///< beyond this seq
  size_t limit = 100;                         ///< at most; the oldest first

  /// Whether it says anything but how many and from where.
  bool is_open_to_all() const {
    return letters.empty() && !source && !verdict && !reason && !since;
  }
};

/// Errors: kInvalidInput for a verdict, reason or state that there is none of, or that no dead
/// letter has.
base::Result<void> check_filter(const LetterFilter& filter);

/// The SELECT over `dead_letters` that gives them in order of seq: seq, received, source, id,
/// verdict, reason, state, outcome, raw.
std::string select_letters(const LetterFilter& filter);

/// `4,5`
std::string joined_numbers(std::span<const int64_t> numbers);

/// Looks after dead letters of a running flow (docs/dead-letters.md). Thread-safe.
class DeadLetterDesk {
 public:
  /// All must outlive it.
  DeadLetterDesk(LiveFlow& flow, EventIntake& intake, QuestionDesk& desk)
      : flow_(flow), intake_(intake), desk_(desk) {}

  /// 200 `{"dead_letters":[...],"cursor":17}`; cursor is null at the end.
  void list(LetterFilter filter, bool is_fresh, serve::Respond respond);

  /// Brings the events of open letters through intake once more. 200 `{"retried":[{"seq":4,
  /// "verdict":"accepted"}],"refused":[{"seq":5,"reason":"..."}],"more":false}` once they are
  /// counted; refused are those whose text is still no event, and seqs that no open letter has.
  void retry(LetterFilter filter, serve::Respond respond);

  /// Takes open letters out of sight. 200 `{"discarded":[4],"refused":[...],"more":false}`.
  void discard(LetterFilter filter, serve::Respond respond);

 private:
  struct Letter {
    int64_t seq = 0;
    std::string raw;
  };
  struct Found {
    std::vector<Letter> letters;
    std::vector<int64_t> missing;  ///< seqs that were asked for
    bool more = false;
  };

  base::Result<Found> find_open(LetterFilter filter);
  void retry_found(const Found& found, serve::Respond respond);
  void discard_found(const Found& found, serve::Respond respond);
  void submit(std::shared_ptr<const OperatorCommand> command,
              const std::function<std::string()>& answer, serve::Respond respond);

  LiveFlow& flow_;
  EventIntake& intake_;
  QuestionDesk& desk_;
};

}  // namespace purvey::app
