#pragma once

#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"

namespace purvey::base {

/// What errno says of a file that cannot be opened or read, as an error: kNotFound, kInvalidInput
/// for a folder or one that may not be read, kUnavailable where the file is not to blame.
Error read_error(const std::string& path, std::string_view what, int error_number);

/// Whether two paths lead to one regular file, be it there or still to be made.
bool is_same_file(const std::string& one, const std::string& other);

/// Writes `bytes` to `path` whole or not at all: to a temporary name beside it, fsync, rename,
/// fsync of the folder. `mode` are the permission bits. Errors: kUnavailable.
Result<void> write_file(const std::string& path, std::string_view bytes, unsigned mode = 0644,
                        Disk& disk = Disk::system());

/// All bytes of a file up to `limit`. Errors: as read_error(), kExhausted above the limit.
Result<std::string> read_file(const std::string& path, size_t limit, Disk& disk = Disk::system());

/// Makes a folder, with those above it, and its name durable: also where it was there already, as
/// a process may have been killed in between. Errors: kUnavailable.
Result<void> make_folder(const std::string& path, Disk& disk = Disk::system());

/// Makes what stands in a file durable. Errors: kUnavailable.
Result<void> sync_file(const std::string& path);

/// Makes the names in a folder durable (a new or renamed file is lost in a power cut without it).
Result<void> sync_folder(const std::string& path);

}  // namespace purvey::base
