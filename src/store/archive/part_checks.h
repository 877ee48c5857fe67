#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "base/disk.h"
#include "base/result.h"
#include "store/part.h"

namespace purvey::store::archive {

/// Compares parts with their hashes, and remembers which files it has seen good.
class PartChecks {
 public:
  explicit PartChecks(std::string archive_folder, base::Disk& disk = base::Disk::system())
      : folder_(std::move(archive_folder)), disk_(disk) {}

  /// Reads every part, and remembers no others. Errors: kCorrupt naming the first bad one and how
  /// many there are.
  base::Result<void> check_all(std::span<const Part> parts);

  /// Reads those whose files were not yet seen good or have another size or time since; none if
  /// they are too large to be read for every question. Errors: as check_all(). Remembers no others.
  base::Result<void> check_changed(std::span<const Part> parts);

  /// How many files are remembered.
  size_t remembered() const { return good_.size(); }

 private:
  struct Stamp {
    uint64_t bytes = 0;
    int64_t changed_ns = 0;  ///< the system's time of the last change

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  Stamp stamp_of(const std::string& path) const;
  void forget_all_but(std::span<const Part> parts);
  base::Result<void> check(std::span<const Part* const> parts, size_t of);

  const std::string folder_;
  base::Disk& disk_;
  std::map<std::string, Stamp> good_;
};

}  // namespace purvey::store::archive
