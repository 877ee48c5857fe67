#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/event_time.h"
#include "base/result.h"
#include "store/part.h"

namespace purvey::store::archive::internal {

/// Where a part stands before the ledger has it: readers of the archive pass over names that begin
/// with a point.
std::string hidden_path(const std::string& folder, const Part& part);

/// The places of the rows in order of partition time, first come first.
std::vector<uint32_t> time_order(std::span<const base::EventTime> times);

/// Gives parts their own names, durably. Errors: kUnavailable.
base::Result<void> place_parts(const std::string& folder, std::span<const Part> parts,
                               base::Disk& disk);

/// The archive folder and the folders of table and month that the parts stand in.
std::vector<std::string> folders_of(const std::string& folder, std::span<const Part> parts);

}  // namespace purvey::store::archive::internal
