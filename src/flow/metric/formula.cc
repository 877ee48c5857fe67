#include "flow/metric/formula.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/settings/duration.h"

namespace purvey::flow {
namespace {

constexpr size_t kStepsMax = 64;
constexpr int kDepthMax = 16;

constexpr std::pair<std::string_view, Aggregate> kAggregates[] = {
    {"count", Aggregate::kCount},       {"sum", Aggregate::kSum},
    {"mean", Aggregate::kMean},         {"rate", Aggregate::kRate},
    {"distinct", Aggregate::kDistinct}, {"level", Aggregate::kLevel},
    {"per_day", Aggregate::kPerDay},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Amount combine(char kind, const Amount& left, const Amount& right) {
  switch (kind) {
    case '+':
      return {left.value + right.value, left.n + right.n};
    case '-':
      return {left.value - right.value, left.n + right.n};
    case '*':
      return {left.value * right.value, std::max(left.n, right.n)};
    default:
      return {
          right.value == 0 ? std::numeric_limits<double>::quiet_NaN() : left.value / right.value,
          right.n};
  }
}

}  // namespace

/// Recursive descent; each method leaves `at_` behind what it read.
class FormulaParser {
 public:
  FormulaParser(std::string_view text, std::vector<std::string>& samples)
      : text_(text), samples_(samples) {}

  base::Result<Formula> parse() {
    PURVEY_TRY(sum(0));
    skip_blanks();
    if (at_ != text_.size()) return error("an operator (+ - * /) or the end");
    return std::move(formula_);
  }

 private:
  base::Result<void> sum(int depth) {
    if (depth > kDepthMax || formula_.steps_.size() > kStepsMax) return error("a shorter formula");
    PURVEY_TRY(product(depth));
    for (char next = peek(); next == '+' || next == '-'; next = peek()) {
      ++at_;
      PURVEY_TRY(product(depth));
      formula_.steps_.push_back({.kind = next});
    }
    return {};
  }

  base::Result<void> product(int depth) {
    PURVEY_TRY(factor(depth));
    for (char next = peek(); next == '*' || next == '/'; next = peek()) {
      ++at_;
      PURVEY_TRY(factor(depth));
      formula_.steps_.push_back({.kind = next});
    }
    return {};
  }

  base::Result<void> factor(int depth) {
    const char next = peek();
    if (next == '(') {
      ++at_;
      PURVEY_TRY(sum(depth + 1));
      return expect(')');
    }
    if (is_digit(next)) {
      const double value = PURVEY_TRY(number());
      formula_.steps_.push_back({.kind = 'n', .number = value});
      return {};
    }
    return term();
  }

  base::Result<void> term() {
    Term term;
    PURVEY_TRY(aggregate(term));
    PURVEY_TRY(expect('('));
    const size_t begin = at_;
    term.measure = PURVEY_TRY(measure());
    PURVEY_TRY(check_fit(term, std::string(text_.substr(begin, at_ - begin))));
    if (term.aggregate == Aggregate::kPerDay) {
      PURVEY_TRY(expect(','));
      term.parameter = PURVEY_TRY(number());
      if (term.parameter < 1 || term.parameter > 366) return error("1 to 366 days");
    } else if (peek() == ',') {
      ++at_;
      PURVEY_TRY(trailing(term));
    }
    formula_.steps_.push_back({.kind = 't', .term = formula_.terms_.size()});
    formula_.terms_.push_back(term);
    return expect(')');
  }

  base::Result<void> aggregate(Term& term) {
    const std::string_view name = word();
    const auto known = std::find_if(std::begin(kAggregates), std::end(kAggregates),
                                    [&](const auto& entry) { return entry.first == name; });
    if (known != std::end(kAggregates)) {
      term.aggregate = known->second;
      return {};
    }
    if (name.size() != 3 || name[0] != 'p' || !is_digit(name[1]) || !is_digit(name[2])) {
      return error("count, sum, mean, rate, distinct, level, per_day, p50 .. p99, a number or (");
    }
    term.aggregate = Aggregate::kQuantile;
    term.parameter = (name[1] - '0') / 10.0 + (name[2] - '0') / 100.0;
    return {};
  }

  base::Result<Measure> measure() {
    const std::string_view name = word();
    constexpr std::string_view kSample = "sample.";
    if (name.starts_with(kSample)) return sample(name.substr(kSample.size()));
    const auto measure = find_measure(name);
    if (!measure) return error(fmt::format("a measure (there is no \"{}\")", name));
    return *measure;
  }

  /// A metric of samples by its name, or by the quoted text that follows.
  base::Result<Measure> sample(std::string_view name) {
    if (name.empty()) {
      const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
      const size_t end = is_quoted ? text_.find('"', at_ + 1) : std::string_view::npos;
      if (end == std::string_view::npos || end == at_ + 1) {
        return error("the name of a metric, as sample.cold_room_c or sample.\"cold room\"");
      }
      name = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    }
    const auto known = std::find(samples_.begin(), samples_.end(), name);
    const auto place = static_cast<size_t>(known - samples_.begin());
    if (place == kSampleMeasures) {
      return error(
          fmt::format("one of the {} sample metrics that this pack names already, "
                      "which is the most it may",
                      kSampleMeasures));
    }
    if (known == samples_.end()) samples_.emplace_back(name);
    return sample_measure(place);
  }

  /// That the aggregate makes sense of what is measured.
  base::Result<void> check_fit(const Term& term, std::string_view name) const {
    const MeasureKind kind = measure_spec(term.measure).kind;
    if ((kind == MeasureKind::kLevel) != (term.aggregate == Aggregate::kLevel)) {
      return error(fmt::format("level() for levels and only for them: {}", name));
    }
    if ((kind == MeasureKind::kIdentity) == (term.aggregate == Aggregate::kDistinct)) return {};
    if (kind == MeasureKind::kIdentity) {
      return error(fmt::format("distinct({}), as it says who it was and not how much", name));
    }
    return error(
        fmt::format("distinct() of behavior.customer or order.customer: {} does not say who it "
                    "was, or is taken "
                    "back as more becomes known, and a count of different ones cannot be",
                    name));
  }

  base::Result<void> trailing(Term& term) {
    if (term.aggregate == Aggregate::kLevel) {
      return error("\")\": a level stands at the window's end and has no duration");
    }
    skip_blanks();
    const size_t begin = at_;
    while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    const auto duration = base::parse_duration(text_.substr(begin, at_ - begin));
    constexpr base::Micros kMinute = std::chrono::minutes(1);
    if (!duration || *duration < kMinute || *duration > Term::kTrailingMax ||
        *duration % kMinute != base::Micros(0)) {
      at_ = begin;
      return error("a duration of whole minutes up to 31d, such as 30m or 2h");
    }
    term.trailing = *duration;
    return {};
  }

  std::string_view word() {
    skip_blanks();
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  text_[at_] == '_' || text_[at_] == '.')) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  base::Result<double> number() {
    skip_blanks();
    double value = 0;
    const char* const end = text_.data() + text_.size();
    const auto read = std::from_chars(text_.data() + at_, end, value);
    if (read.ec != std::errc{}) return error("a number");
    at_ = static_cast<size_t>(read.ptr - text_.data());
    return value;
  }

  base::Result<void> expect(char wanted) {
    if (peek() != wanted) return error(fmt::format("\"{}\"", wanted));
    ++at_;
    return {};
  }

  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  base::Error error(std::string_view expected) const {
    return base::invalid_input(
        fmt::format("formula \"{}\": at character {}: expected {}", text_, at_ + 1, expected));
  }

  std::string_view text_;
  std::vector<std::string>& samples_;
  size_t at_ = 0;
  Formula formula_;
};

base::Result<Formula> Formula::parse(std::string_view text, std::vector<std::string>& samples) {
  return FormulaParser(text, samples).parse();
}

base::Result<Formula> Formula::parse(std::string_view text) {
  std::vector<std::string> samples;
  return parse(text, samples);
}

Amount Formula::evaluate(const std::function<Amount(const Term&)>& term_value) const {
  std::vector<Amount> stack;
  stack.reserve(steps_.size());
  for (const Step& step : steps_) {
    if (step.kind == 't') {
      stack.push_back(term_value(terms_[step.term]));
    } else if (step.kind == 'n') {
      stack.push_back({step.number, 0});
    } else {
      const Amount right = stack.back();
      stack.pop_back();
      stack.back() = combine(step.kind, stack.back(), right);
    }
  }
  return stack.back();
}

}  // namespace purvey::flow
