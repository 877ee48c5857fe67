#include "tests/bad_input/runners.h"

#include <fmt/core.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <charconv>
#include <memory>
#include <vector>

#include "base/byte_source.h"
#include "base/check.h"
#include "base/memory_source_fixture.h"
#include "base/settings/money_settings.h"
#include "base/settings/settings.h"
#include "event/csv/csv_reader.h"
#include "event/csv/stamp.h"
#include "event/event_body.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"
#include "flow/hook/document_mapper.h"
#include "flow/import/import_map.h"
#include "fuzz/sample_sections.h"

namespace purvey::bad_input {
namespace {

using event::EventBatch;
using event::EventRow;
using event::FieldType;

std::string joined(std::string& out, std::string_view part) {
  if (!out.empty()) out += "; ";
  return out += part;
}

std::string lines_text(const EventBatch& batch, const EventRow& row, int64_t slot,
                       const base::Dictionary& names) {
  std::string out;
  for (const event::OrderLine& line : batch.line_span(slot)) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}:{}:{}", line.line_no, escape(names.text(line.sku)), line.qty);
    if (line.price_minor != event::kAbsent) {
      out += ':' + base::format_money({line.price_minor, row.currency});
    }
  }
  return out;
}

/// One value of an accepted event, as verdicts write it.
std::string value_text(const EventBatch& batch, const EventRow& row, std::string_view field,
                       const base::Dictionary& names) {
  if (field == "time") return base::format_rfc3339(row.time);
  if (field == "id") return escape(batch.text(row.id));
  if (field == "source") return escape(names.text(row.source));
  const auto place = event::find_field(row.kind, field);
  if (!place) return "no such field";
  const int64_t slot = batch.field(row, *place);
  if (slot == event::kAbsent) return "absent";
  const event::FieldSpec& spec = event::spec_of(row.kind).fields[*place];
  switch (spec.type) {
    case FieldType::kId:
    case FieldType::kPerson:
    case FieldType::kText:
      return escape(batch.text(slot));
    case FieldType::kName:
    case FieldType::kLabels:
      return escape(names.text(static_cast<uint32_t>(slot)));
    case FieldType::kMoney:
      return base::format_money({slot, row.currency});
    case FieldType::kInteger:
      return fmt::format("{}", slot);
    case FieldType::kNumber:
      return fmt::format("{}", batch.number(row, *place));
    case FieldType::kTime:
      return base::format_rfc3339({slot});
    case FieldType::kFlag:
      return slot == 1 ? "true" : "false";
    case FieldType::kChoice:
      return std::string(event::choice_word(spec, slot));
    case FieldType::kLines:
      return lines_text(batch, row, slot, names);
  }
  return "";
}

/// The part of `verdict` for row `index`.
std::string_view part_of(std::string_view verdict, size_t index) {
  for (; index > 0; --index) {
    const size_t border = verdict.find("; ");
    if (border == verdict.npos) return {};
    verdict.remove_prefix(border + 2);
  }
  return verdict.substr(0, verdict.find("; "));
}

std::string refusal_text(const event::Refusal& refusal) {
  if (refusal.detail.empty() || !simdjson::validate_utf8(refusal.detail)) {
    return "broken: a detail that is empty or not UTF-8";
  }
  if (refusal.detail.find('\n') != std::string::npos) return "broken: a detail of several lines";
  return fmt::format("{} {}", event::verdict_name(refusal.verdict),
                     event::reason_name(refusal.reason));
}

std::string row_text(const EventBatch& batch, const EventRow& row, const base::Dictionary& names,
                     std::string_view expected) {
  if (row.refused) return refusal_text(batch.refusals[row.row].refusal);
  constexpr std::string_view kAccepted = "accepted ";
  const size_t equals = expected.find('=');
  if (!expected.starts_with(kAccepted) || equals == expected.npos) return "accepted";
  const auto field = expected.substr(kAccepted.size(), equals - kAccepted.size());
  return fmt::format("accepted {}={}", field, value_text(batch, row, field, names));
}

void decode(event::JsonDecoder& decoder, const event::LineReader::Line& line, EventBatch& batch) {
  if (line.too_long) {
    decoder.refuse_too_long(line.text, batch);
  } else {
    decoder.decode(line.text, batch);
  }
}

/// Every line of a source, decoded twice.
std::string run_lines(std::unique_ptr<base::ByteSource> source, std::string_view expected) {
  base::Dictionary names;
  event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                             base::Currency::find("CNY"));
  event::LineReader reader(std::move(source));
  EventBatch batch;
  std::string out;
  for (size_t index = 0;; ++index) {
    const auto line = reader.next();
    if (!line) return joined(out, base::error_code_name(line.error().code));
    if (line->end) return out.empty() ? "nothing" : out;
    batch.clear();
    decode(decoder, *line, batch);
    decode(decoder, *line, batch);
    if (batch.rows.size() != 2) return "broken: not one row a line";
    const EventRow& one = batch.rows[0];
    const EventRow& two = batch.rows[1];
    const bool same = one.refused == two.refused && one.id_hash == two.id_hash &&
                      (one.refused || one.payload_hash == two.payload_hash);
    if (!same) return "broken: the second time it is another event";
    joined(out, row_text(batch, one, names, part_of(expected, index)));
  }
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  PURVEY_CHECK(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
               "no deflate");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  PURVEY_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate did not end");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                   ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), text.data(), text.size()));
  return out;
}

/// A gzip member of `mebibytes` MiB of zeros, made piece by piece.
std::string gzip_bomb(size_t mebibytes) {
  z_stream stream{};
  PURVEY_CHECK(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
               "no deflate");
  std::vector<char> zeros(1U << 20);
  std::vector<char> packed(1U << 16);
  std::string out;
  for (size_t i = 0; i <= mebibytes; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = i < mebibytes ? static_cast<uInt>(zeros.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      deflate(&stream, i < mebibytes ? Z_NO_FLUSH : Z_FINISH);
      out.append(packed.data(), packed.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

/// One step of packing, such as `gzip`, `cut3` (drop the last 3 bytes), `flip9` (spoil
/// byte 9), `spoil8` (the 8th from the end).
std::string packed_by(std::string_view step, std::string text) {
  size_t number = 0;
  const size_t digits = step.find_first_of("0123456789");
  if (digits != step.npos) {
    std::from_chars(step.data() + digits, step.data() + step.size(), number);
    step = step.substr(0, digits);
  }
  if (step == "gzip") return gzip(text);
  if (step == "zstd") return zstd(text);
  if (step == "twice") return text + text;
  if (step == "junk") return text.append(number, 'x');
  if (step == "zeros") return text.append(number, '\0');
  if (step == "bomb") return gzip_bomb(number);
  PURVEY_CHECK(number <= text.size(), "a step beyond the end");
  if (step == "cut") return text.substr(0, text.size() - number);
  if (step == "head") return text.substr(0, number);
  if (step == "spoil") number = text.size() - number;
  if (step == "flip" || step == "spoil") text[number] = static_cast<char>(text[number] ^ 0x55);
  PURVEY_CHECK(step == "flip" || step == "spoil", "unknown step " + std::string(step));
  return text;
}

/// A file in memory, with a path.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : fd_(memfd_create("input", MFD_CLOEXEC)) {
    PURVEY_CHECK(write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
                 "a short write");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  const int fd_;
};

std::string_view fault_name(event::csv::RowFault fault) {
  constexpr std::array<std::string_view, 9> kNames = {
      "",          "blank",       "cell_count", "too_long",        "too_many_cells",
      "zero_byte", "undecodable", "open_quote", "text_after_quote"};
  return kNames[static_cast<size_t>(fault)];
}

std::string cells_text(std::span<const std::string_view> cells) {
  std::string out = "[";
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += '|';
    out += cells[i].size() > 200 ? fmt::format("{} bytes", cells[i].size()) : escape(cells[i]);
  }
  return out + "]";
}

std::string csv_text(std::string_view bytes, size_t piece) {
  using namespace event::csv;
  const auto opened = CsvReader::open(base::memory_source(bytes, piece), "input.csv", {});
  if (!opened) return fmt::format("error {}", base::error_code_name(opened.error().code));
  CsvReader& reader = **opened;
  const std::vector<std::string_view> names(reader.columns().begin(), reader.columns().end());
  std::string out =
      names.size() > 20 ? fmt::format("[{} columns]", names.size()) : cells_text(names);
  for (Row row;;) {
    const auto more = reader.next(row);
    if (!more) return out + fmt::format(" error {}", base::error_code_name(more.error().code));
    if (!*more) return out;
    out += fmt::format(" {}", row.line);
    if (row.fault != RowFault::kNone) {
      if (reader.explain(row).empty()) return "broken: a fault without a reason";
      out += fmt::format("!{}", fault_name(row.fault));
    } else {
      out +=
          names.size() > 20 ? fmt::format("[{} cells]", row.cells.size()) : cells_text(row.cells);
    }
  }
}

std::string hook_text(const Case& given) {
  static const auto map = std::make_shared<const flow::ImportMap>(
      flow::read_import_map(PURVEY_SOURCE_DIR "/packs/hook/shop.toml").value());
  flow::DocumentMapper mapper(map);
  flow::MappedBody body;
  const std::string message = given.input + std::string(64, ' ');
  const auto done = mapper.add(std::string_view(message).substr(0, given.input.size()), body);
  if (!done) return fmt::format("error {}", base::error_code_name(done.error().code));
  body.texts.append(64, ' ');
  base::Dictionary names;
  event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                             std::nullopt);
  EventBatch batch;
  std::string out;
  for (size_t i = 0; i < body.rows.size(); ++i) {
    const auto& row = body.rows[i];
    if (row.is_event) {
      event::decode_within_limit(body.text_of(row), decoder, batch);
    } else {
      decoder.refuse(row.refusal, mapper.source(), row.raw, batch);
    }
    if (batch.rows.size() != i + 1) return "broken: not one event a row";
    joined(out, row_text(batch, batch.rows[i], names, part_of(given.verdict, i)));
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

std::string run_events(const Case& given) {
  const size_t whole = given.input.size() + 1;
  const std::string outcome = run_lines(base::memory_source(given.input, whole), given.verdict);
  const std::string pieces =
      run_lines(base::memory_source(given.input, given.huge ? 4093 : 7), given.verdict);
  return outcome == pieces ? outcome : "broken: the size of the reads changes the outcome";
}

std::string run_packed(const Case& given) {
  const size_t border = given.input.find(" : ");
  PURVEY_CHECK(border != std::string::npos, "STEPS : TEXT is needed");
  std::string bytes = given.input.substr(border + 3);
  std::string_view steps = std::string_view(given.input).substr(0, border);
  while (!steps.empty()) {
    const size_t blank = std::min(steps.find(' '), steps.size());
    bytes = packed_by(steps.substr(0, blank), std::move(bytes));
    steps.remove_prefix(std::min(blank + 1, steps.size()));
  }
  const MemoryFile file(bytes);
  auto source = base::open_byte_source(file.path());
  if (!source) return fmt::format("error {}", base::error_code_name(source.error().code));
  return run_lines(*std::move(source), given.verdict);
}

std::string run_csv(const Case& given) {
  std::string outcome = csv_text(given.input, given.input.size() + 1);
  if (outcome != csv_text(given.input, given.huge ? 4093 : 3)) {
    return "broken: the size of the reads changes the outcome";
  }
  return outcome;
}

std::string run_stamp(const Case& given) {
  const size_t first = given.input.find(" ~ ");
  const size_t second = given.input.find(" ~ ", first + 3);
  PURVEY_CHECK(second != std::string::npos, "PATTERN ~ ZONE ~ TEXT is needed");
  auto pattern = event::csv::StampPattern::compile(given.input.substr(0, first));
  if (!pattern) return "bad_pattern";
  auto zone = event::csv::Zone::find(given.input.substr(first + 3, second - first - 3));
  if (!zone) return "bad_zone";
  event::csv::StampReader reader({*std::move(pattern)}, *zone);
  base::EventTime time;
  switch (reader.read(std::string_view(given.input).substr(second + 3), time)) {
    case event::csv::StampFault::kNone:
      return base::format_rfc3339(time);
    case event::csv::StampFault::kNoPattern:
      return "no_pattern";
    case event::csv::StampFault::kSkipped:
      return "skipped";
  }
  return "";
}

std::string run_hook(const Case& given) {
  const std::string outcome = hook_text(given);
  return outcome == hook_text(given) ? outcome : "broken: the second time it is another outcome";
}

std::string run_settings(const Case& given) {
  const auto document = base::parse_toml(given.input, "input.toml");
  if (!document) return refusal_of(document.error().message, given.verdict);
  const auto check = base::check_settings(*document, fuzz::sample_sections());
  if (check.errors.empty()) {
    const auto rates = base::read_exchange_rates(*check.settings, ".");
    return rates ? "loads" : refusal_of(rates.error().message, given.verdict);
  }
  return refusal_of(check.errors.front().message, given.verdict);
}

std::string run_map(const Case& given) {
  const auto map = flow::parse_import_map(given.input, "input.toml");
  return map ? "loads" : refusal_of(map.error().message, given.verdict);
}

std::string refusal_of(const std::string& message, std::string_view expected) {
  constexpr std::string_view kRefused = "refused ";
  const size_t colon = message.find(':', std::string_view("input.toml:").size());
  if (!message.starts_with("input.toml:") || colon == message.npos) {
    return "broken: no place in: " + message;
  }
  const bool fits = expected.starts_with(kRefused) &&
                    message.find(expected.substr(kRefused.size())) != message.npos;
  return fits ? std::string(expected) : "refused " + message;
}

}  // namespace purvey::bad_input
