#include "flow/metric/formula.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace purvey::flow {
namespace {

constexpr size_t kStepsMax = 64;
constexpr int kDepthMax = 16;

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
  explicit FormulaParser(std::string_view text) : text_(text) {}

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
    if (std::isdigit(static_cast<unsigned char>(next)) != 0) {
      const double value = PURVEY_TRY(number());
      formula_.steps_.push_back({.kind = 'n', .number = value});
      return {};
    }
    return term();
  }

  base::Result<void> term() {
    const std::string_view name = word();
    Term term;
    if (name == "count") {
      term.aggregate = Aggregate::kCount;
    } else if (name == "sum") {
      term.aggregate = Aggregate::kSum;
    } else if (name == "mean") {
      term.aggregate = Aggregate::kMean;
    } else if (name == "level") {
      term.aggregate = Aggregate::kLevel;
    } else if (name == "per_day") {
      term.aggregate = Aggregate::kPerDay;
    } else if (name.size() == 3 && name[0] == 'p' && std::isdigit(name[1]) != 0 &&
               std::isdigit(name[2]) != 0) {
      term.aggregate = Aggregate::kQuantile;
      term.parameter = (name[1] - '0') / 10.0 + (name[2] - '0') / 100.0;
    } else {
      return error("count, sum, mean, level, per_day, p50 .. p99, a number or (");
    }
    PURVEY_TRY(expect('('));
    const std::string_view measure_name = word();
    const auto measure = find_measure(measure_name);
    if (!measure) return error(fmt::format("a measure (there is no \"{}\")", measure_name));
    term.measure = *measure;
    if (measure_spec(*measure).level != (term.aggregate == Aggregate::kLevel)) {
      return error(fmt::format("level() for levels and only for them: {}", measure_name));
    }
    if (term.aggregate == Aggregate::kPerDay) {
      PURVEY_TRY(expect(','));
      term.parameter = PURVEY_TRY(number());
      if (term.parameter < 1 || term.parameter > 366) return error("1 to 366 days");
    }
    formula_.steps_.push_back({.kind = 't', .term = formula_.terms_.size()});
    formula_.terms_.push_back(term);
    return expect(')');
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
  size_t at_ = 0;
  Formula formula_;
};

base::Result<Formula> Formula::parse(std::string_view text) {
  return FormulaParser(text).parse();
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
