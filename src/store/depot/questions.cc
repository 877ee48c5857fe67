#include "store/depot/questions.h"

#include "store/archive/part_checks.h"
#include "store/facts/facts.h"

namespace purvey::store::depot {
namespace {

using base::Result;

class BoardQuestions final : public Questions {
 public:
  BoardQuestions(const QuestionOptions& options, std::shared_ptr<const CommittedBoard> board,
                 std::unique_ptr<facts::Facts> facts)
      : board_(std::move(board)),
        facts_(std::move(facts)),
        part_checks_(options.folder + "/archive", *options.disk) {}

  Result<QueryEnd> query(std::string_view sql, const QueryLimits& limits,
                         ResultSink& sink) override {
    const auto committed = board_->latest();
    {
      const std::lock_guard lock(checks_mutex_);
      PURVEY_TRY(part_checks_.check_changed(committed->parts));
    }
    return facts_->query({.parts = committed->parts,
                          .dropped = committed->dropped,
                          .watermark = committed->watermark},
                         sql, limits, sink);
  }

 private:
  const std::shared_ptr<const CommittedBoard> board_;
  const std::unique_ptr<facts::Facts> facts_;
  std::mutex checks_mutex_;
  archive::PartChecks part_checks_;  // guarded by checks_mutex_
};

}  // namespace

Result<std::unique_ptr<Questions>> make_questions(const QuestionOptions& options,
                                                  std::shared_ptr<const CommittedBoard> board) {
  auto facts = PURVEY_TRY(options.engine->facts({.folder = options.folder,
                                                 .timezone = options.timezone,
                                                 .threads = options.threads,
                                                 .shared = true,
                                                 .in_memory = true}));
  return std::unique_ptr<Questions>(
      std::make_unique<BoardQuestions>(options, std::move(board), std::move(facts)));
}

}  // namespace purvey::store::depot
