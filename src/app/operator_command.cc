#include "app/operator_command.h"

#include "base/byte_codec.h"
#include "event/batch_codec.h"

namespace purvey::app {
namespace {

constexpr uint64_t kVersion = 1;

}  // namespace

std::string encode_command(const OperatorCommand& command, const base::Dictionary& names) {
  std::string bytes;
  base::ByteWriter writer(bytes);
  writer.varint(kVersion);
  writer.varint(static_cast<uint64_t>(command.verb));
  writer.varint(command.letters.size());
  int64_t last = 0;
  for (const int64_t letter : command.letters) {
    writer.zigzag(letter - last);
    last = letter;
  }
  if (command.verb == OperatorVerb::kRetry) {
    std::string rows;
    event::encode_rows(*command.events, 0, command.events->rows.size(), names, rows);
    writer.text(rows);
  }
  return bytes;
}

base::Result<OperatorCommand> decode_command(std::string_view bytes, base::Dictionary& names) {
  base::ByteReader reader(bytes);
  const uint64_t version = reader.varint();
  const uint64_t verb = reader.varint();
  const bool is_known = verb == static_cast<uint64_t>(OperatorVerb::kRetry) ||
                        verb == static_cast<uint64_t>(OperatorVerb::kDiscard);
  if (reader.ok() && (version > kVersion || !is_known)) {
    return base::unsupported(
        "a command of the journal is of a newer Purvey than this; use that one");
  }
  OperatorCommand command{.verb = static_cast<OperatorVerb>(verb)};
  const uint64_t letters = reader.varint();
  if (reader.fits(letters, 1)) command.letters.reserve(letters);
  int64_t last = 0;
  for (uint64_t i = 0; i < letters && reader.ok(); ++i) {
    // Unsigned: what nothing has written may overflow.
    last =
        static_cast<int64_t>(static_cast<uint64_t>(last) + static_cast<uint64_t>(reader.zigzag()));
    command.letters.push_back(last);
  }
  if (reader.ok() && command.verb == OperatorVerb::kRetry) {
    command.events = std::make_shared<event::EventBatch>();
    PURVEY_TRY(event::decode_rows(reader.text(), names, *command.events));
    if (command.events->rows.size() != command.letters.size()) reader.spoil();
  }
  PURVEY_TRY(reader.finish("a command of the journal"));
  return command;
}

}  // namespace purvey::app
