#include "app/question_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <exception>

#include "store/result/writers.h"

namespace purvey::app {
namespace {

using base::Result;
using store::ResultChunk;
using store::ResultColumn;

constexpr std::string_view kContentTypes[] = {
    "application/json", "text/csv; charset=utf-8; header=present", "text/plain; charset=utf-8"};

std::unique_ptr<store::result::ResultWriter> make_writer(AnswerForm form, std::string& out) {
  const auto write = [&out](std::string_view bytes) -> Result<void> {
    out += bytes;
    return {};
  };
  switch (form) {
    case AnswerForm::kJson:
      return store::result::make_json_writer(write);
    case AnswerForm::kCsv:
      return store::result::make_csv_writer(write);
    case AnswerForm::kTable:
      return store::result::make_table_writer(write);
  }
  return nullptr;
}

/// Hands rows on as long as what they have become is within a limit of bytes.
class BytesLimited final : public store::ResultSink {
 public:
  BytesLimited(store::ResultSink& sink, const std::string& out, uint64_t bytes_max)
      : sink_(sink), out_(out), bytes_max_(bytes_max) {}

  Result<void> begin(std::span<const ResultColumn> columns) override {
    return sink_.begin(columns);
  }
  Result<void> rows(const ResultChunk& chunk) override {
    is_full_ = out_.size() + bytes_of(chunk) > bytes_max_;
    if (is_full_) return base::exhausted("the answer is full");
    return sink_.rows(chunk);
  }
  /// There were rows beyond the limit, at which the question was ended.
  bool is_full() const { return is_full_; }

 private:
  static size_t bytes_of(const ResultChunk& chunk) {
    size_t bytes = 0;
    for (size_t row = 0; row < chunk.rows(); ++row) {
      for (size_t column = 0; column < chunk.columns(); ++column) {
        bytes += chunk.cell(column, row).value_or("").size() + 1;
      }
    }
    return bytes;
  }

  store::ResultSink& sink_;
  const std::string& out_;
  const uint64_t bytes_max_;
  bool is_full_ = false;
};

serve::Response refusal(const base::Error& error) {
  // What takes too much would do so again.
  if (error.code == base::ErrorCode::kExhausted) {
    return serve::error_response(400, base::error_code_name(error.code), error.message);
  }
  return serve::error_response(error);
}

}  // namespace

QuestionLimits read_question_limits(const base::SettingsTable& sql) {
  return {.at_once = static_cast<size_t>(sql.integer("at_once")),
          .time = std::chrono::duration_cast<std::chrono::milliseconds>(sql.duration("time")),
          .memory_mb = static_cast<uint64_t>(sql.integer("memory")) >> 20,
          .rows = static_cast<uint64_t>(sql.integer("rows")),
          .answer_bytes = static_cast<uint64_t>(sql.integer("answer"))};
}

struct QuestionDesk::Work {
  Work(Job work, serve::Respond answer, std::shared_ptr<std::atomic<size_t>> places)
      : job(std::move(work)), respond(std::move(answer)), in_work(std::move(places)) {}
  ~Work() { --*in_work; }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  const Job job;
  serve::Respond respond;
  const std::shared_ptr<std::atomic<size_t>> in_work;
};

QuestionDesk::QuestionDesk(LiveFlow& flow, const QuestionLimits& limits)
    : flow_(flow),
      limits_(limits),
      waiting_(std::make_shared<BoundedQueue<std::shared_ptr<Work>>>(limits.at_once)) {
  for (size_t i = 0; i < limits_.at_once; ++i) threads_.emplace_back([this] { answer_all(); });
}

QuestionDesk::~QuestionDesk() {
  stop_.request_stop();
  waiting_->close();
  for (std::thread& thread : threads_) thread.join();
}

void QuestionDesk::ask(Question question, serve::Respond respond) {
  const bool is_fresh = question.is_fresh;
  run(
      is_fresh,
      [this, question = std::move(question)](serve::Respond answered) {
        answered(answer(question));
      },
      std::move(respond));
}

void QuestionDesk::run(bool is_fresh, Job job, serve::Respond respond) {
  if (++*in_work_ > limits_.at_once) {
    --*in_work_;
    return respond(serve::error_response(base::exhausted(fmt::format(
        "{} questions are in work, and no more at once ([sql] at_once); ask again in a second",
        limits_.at_once))));
  }
  const auto work = std::make_shared<Work>(std::move(job), std::move(respond), in_work_);
  const auto begin = [work, waiting = waiting_](const Result<void>& done) {
    if (!done) return work->respond(serve::error_response(done.error()));
    waiting->put(work);  // there are as many places as there may be work
  };
  if (!is_fresh) return begin({});
  const auto asked = flow_.when_committed(begin);
  if (!asked) begin(asked);
}

void QuestionDesk::answer_all() {
  while (const auto work = waiting_->take()) {
    try {
      (*work)->job(std::move((*work)->respond));
    } catch (const std::exception& error) {
      // What the job has not answered is answered by what it dropped.
      fmt::print(stderr, "purvey: a question failed: {}\n", error.what());
    }
  }
}

base::Result<std::vector<Row>> QuestionDesk::rows(std::string_view sql) {
  RowCollector sink;
  PURVEY_TRY(flow_.questions().query(sql,
                                     {.time = limits_.time,
                                      .rows = limits_.rows,
                                      .memory_mb = limits_.memory_mb,
                                      .stop = stop_.get_token()},
                                     sink));
  return sink.take();
}

serve::Response QuestionDesk::answer(const Question& question) {
  serve::Response response;
  const auto writer = make_writer(question.form, response.body);
  BytesLimited sink(*writer, response.body, limits_.answer_bytes);
  const auto end =
      flow_.questions().query(question.sql,
                              {.time = std::min(question.time.value_or(limits_.time), limits_.time),
                               .rows = std::min(question.rows.value_or(limits_.rows), limits_.rows),
                               .memory_mb = limits_.memory_mb,
                               .stop = stop_.get_token()},
                              sink);
  if (!end && !sink.is_full()) return refusal(end.error());
  const auto finished = writer->finish();
  if (!finished) return refusal(finished.error());
  response.content_type = kContentTypes[static_cast<size_t>(question.form)];
  if (!end || end->truncated) {
    response.headers.push_back({kTruncatedHeader, end ? "rows" : "bytes"});
  }
  return response;
}

}  // namespace purvey::app
