#pragma once

#include <array>
#include <optional>

#include "base/byte_codec.h"
#include "flow/metric/internal/cell.h"
#include "flow/metric/pack.h"

namespace purvey::flow::internal {

/// The measures of saved state by their names, so that a later program and another pack, which
/// number them otherwise, read them right. A measure that no longer exists is left out.
class MeasureNames {
 public:
  static void save(const Pack& pack, base::ByteWriter& writer);
  /// Reads what save() wrote.
  MeasureNames(const Pack& pack, base::ByteReader& reader);

  /// The key of today for a key as it was saved; nothing if its measure is gone.
  std::optional<SeriesKey> today(SeriesKey saved) const;

 private:
  std::array<std::optional<Measure>, 256> today_;
};

}  // namespace purvey::flow::internal
