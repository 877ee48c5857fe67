#include "tests/scenarios/scenario_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <span>

#include "base/file.h"
#include "tests/scenarios/event_line.h"
#include "tests/scenarios/expectation.h"
#include "tests/scenarios/words.h"

namespace purvey::scenarios {
namespace {

using base::Result;
using Words = std::span<const Word>;

constexpr size_t kFileBytesMax = 1U << 20;
constexpr std::string_view kVerbs =
    "at, again, raw, load, advance, restart, kill, stop, start, commit, retry, discard, purge, "
    "expect, day, settings, file";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Cut into lines without their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class ScenarioReader {
 public:
  explicit ScenarioReader(const std::string& file) { scenario_.file = file; }

  Result<Scenario> read(std::string_view text) {
    for (const std::string_view line : lines_of(text)) {
      ++line_;
      const auto done = read_line(line);
      if (!done) return at_line(done.error());
    }
    if (!has_expectation_) {
      return at_line(base::invalid_input("the scenario expects nothing; write expect ..."));
    }
    return std::move(scenario_);
  }

 private:
  base::Error at_line(const base::Error& error) const {
    return {error.code, fmt::format("{}:{}: {}", scenario_.file, line_, error.message)};
  }

  Result<void> read_line(std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return {};
    if (is_blank(line[0])) return read_block_line(line);
    block_ = nullptr;
    if (line.starts_with("raw ")) {
      PURVEY_TRY(check_up(true));
      line.remove_prefix(4);
      add(Send{.lines = {std::string(line)}, .is_raw = true});
      return {};
    }
    const auto words = PURVEY_TRY(split_words(line));
    return words.empty() ? Result<void>() : read_words(words);
  }

  /// A line of a settings or file block; the blanks before its first line come off all.
  Result<void> read_block_line(std::string_view line) {
    if (block_ == nullptr) {
      if (line[line.find_first_not_of(" \t")] == '#') return {};
      return base::invalid_input("only lines below settings or file begin with blanks");
    }
    const size_t blanks = std::min(line.find_first_not_of(" \t"), block_blanks_);
    if (block_blanks_ == std::string::npos) block_blanks_ = blanks;
    *block_ += std::string(line.substr(blanks)) + "\n";
    return {};
  }

  void begin_block(std::string& block) {
    block_ = &block;
    block_blanks_ = std::string::npos;
  }

  Result<void> read_words(Words words) {
    const std::string& verb = words[0].text;
    if (verb == "settings" && words.size() == 1) {
      begin_block(scenario_.settings);
      return {};
    }
    if (verb == "file" && words.size() == 2) {
      begin_block(scenario_.files[words[1].text]);
      return {};
    }
    if (verb == "day" && words.size() == 2) return read_day(words[1].text);
    if (day_ == base::kNever) return base::invalid_input("say the day first: day 2026-03-02");
    return read_step(verb, words.subspan(1));
  }

  Result<void> read_day(const std::string& text) {
    const auto day = PURVEY_TRY(parse_day(text));
    if (day_ == base::kNever) scenario_.start = day;
    day_ = day;
    return {};
  }

  Result<void> read_step(const std::string& verb, Words words) {
    if (verb == "at") return read_at(words);
    if (verb == "again") return read_again(words);
    if (verb == "load") return read_load(words);
    if (verb == "advance") return read_advance(words);
    if (verb == "expect") return read_expect(words);
    if (verb == "retry" || verb == "discard") return read_operate(verb, words);
    if (verb == "purge") return read_purge(words);
    return read_fate(verb, words);
  }

  /// `TIME [from SOURCE] [id ID] [received TIME] TYPE ...`
  Result<void> read_at(Words words) {
    if (words.empty()) return base::invalid_input("write at 09:00 order.paid o1");
    WrittenEvent event{.source = "/shop", .id = fmt::format("line-{}", line_)};
    event.time = PURVEY_TRY(parse_clock(words[0].text, day_));
    base::EventTime clock = event.time;
    words = words.subspan(1);
    for (; words.size() > 1; words = words.subspan(2)) {
      if (words[0].is("from")) {
        event.source = words[1].text;
        if (!event.source.starts_with('/')) {
          return base::invalid_input(
              fmt::format("sources begin with a slash; write from /{}", event.source));
        }
      } else if (words[0].is("id")) {
        event.id = words[1].text;
      } else if (words[0].is("received")) {
        clock = PURVEY_TRY(parse_clock(words[1].text, day_));
      } else {
        break;
      }
    }
    PURVEY_TRY(read_event(words, day_, event));
    PURVEY_TRY(check_up(true));
    add(Send{.lines = {to_json(event)}, .clock = clock});
    sent_[event.source + " " + event.id] = std::move(event);
    return {};
  }

  /// `[/SOURCE] ID [field=value ...]`: the event as it was sent last, perhaps with other fields.
  Result<void> read_again(Words words) {
    const bool has_source = words.size() > 1 && words[0].text.starts_with('/');
    const std::string source = has_source ? words[0].text : "/shop";
    if (has_source) words = words.subspan(1);
    if (words.empty()) return base::invalid_input("write again ID [field=value ...]");
    const auto found = sent_.find(source + " " + words[0].text);
    if (found == sent_.end()) {
      return base::invalid_input(
          fmt::format("no event {} of {} was sent above; write at 09:00 id {} ...", words[0].text,
                      source, words[0].text));
    }
    WrittenEvent event = found->second;
    PURVEY_TRY(read_fields(words.subspan(1), day_, event));
    PURVEY_TRY(check_up(true));
    add(Send{.lines = {to_json(event)}});
    return {};
  }

  Result<void> read_load(Words words) {
    if (words.size() != 1) return base::invalid_input("write load FILE.ndjson");
    const std::string& name = words[0].text;
    std::string text;
    if (const auto beside = scenario_.files.find(name); beside != scenario_.files.end()) {
      text = beside->second;
    } else {
      const auto folder = std::filesystem::path(scenario_.file).parent_path();
      text = PURVEY_TRY(base::read_file((folder / name).string(), kFileBytesMax));
    }
    Send send{.is_raw = true};
    for (const std::string_view line : lines_of(text)) {
      if (!line.empty()) send.lines.emplace_back(line);
    }
    PURVEY_TRY(check_up(true));
    add(std::move(send));
    return {};
  }

  Result<void> read_advance(Words words) {
    Advance advance;
    if (words.size() == 2 && words[0].is("to")) {
      advance.to = PURVEY_TRY(parse_clock(words[1].text, day_));
    } else if (words.size() == 1) {
      advance.by = PURVEY_TRY(parse_span(words[0].text));
    } else {
      return base::invalid_input("write advance 5m, or advance to 09:10");
    }
    add(advance);
    return {};
  }

  Result<void> read_expect(Words words) {
    auto expectation = PURVEY_TRY(read_expectation(words, day_));
    has_expectation_ = true;
    if (std::holds_alternative<ExpectVerdict>(expectation)) PURVEY_TRY(check_up(true));
    std::visit([&](auto& what) { add(std::move(what)); }, expectation);
    return {};
  }

  /// `ID`: of its open dead letters.
  Result<void> read_operate(const std::string& verb, Words words) {
    if (words.size() != 1) return base::invalid_input(fmt::format("write {} ID", verb));
    PURVEY_TRY(check_up(true));
    using app::OperatorVerb;
    add(Operate{.verb = verb == "retry" ? OperatorVerb::kRetry : OperatorVerb::kDiscard,
                .id = words[0].text});
    return {};
  }

  /// `/SOURCE`
  Result<void> read_purge(Words words) {
    if (words.size() != 1 || !words[0].text.starts_with('/')) {
      return base::invalid_input("write purge /SOURCE");
    }
    PURVEY_TRY(check_up(true));
    add(PurgeSource{.source = words[0].text});
    return {};
  }

  Result<void> read_fate(const std::string& verb, Words words) {
    static const std::map<std::string, Fate> kFates = {{"restart", Fate::kRestart},
                                                       {"kill", Fate::kKill},
                                                       {"stop", Fate::kStop},
                                                       {"start", Fate::kStart},
                                                       {"commit", Fate::kCommit}};
    const auto fate = kFates.find(verb);
    if (fate == kFates.end() || !words.empty()) {
      return base::invalid_input(
          fmt::format("\"{}\" begins no line like this; lines begin with {}", verb, kVerbs));
    }
    PURVEY_TRY(check_up(fate->second != Fate::kStart));
    if (fate->second == Fate::kKill || fate->second == Fate::kStop) is_up_ = false;
    if (fate->second == Fate::kStart) is_up_ = true;
    add(fate->second);
    return {};
  }

  Result<void> check_up(bool wanted) const {
    if (is_up_ == wanted) return {};
    return base::invalid_input(wanted ? "the server is down here; write start first"
                                      : "the server is up already");
  }

  template <class What>
  void add(What what) {
    scenario_.steps.push_back({.line = line_, .what = std::move(what)});
  }

  Scenario scenario_;
  uint32_t line_ = 0;
  base::EventTime day_ = base::kNever;
  std::string* block_ = nullptr;  ///< that indented lines go to
  size_t block_blanks_ = 0;
  std::map<std::string, WrittenEvent> sent_;  ///< by source and id
  bool is_up_ = true;
  bool has_expectation_ = false;
};

}  // namespace

Result<Scenario> read_scenario(const std::string& file, std::string_view text) {
  return ScenarioReader(file).read(text);
}

std::vector<std::string> scenario_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".scenario") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace purvey::scenarios
