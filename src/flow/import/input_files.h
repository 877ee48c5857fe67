#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/import/import_map.h"
#include "flow/import/row_reader.h"

namespace purvey::flow {

struct InputFiles {
  std::vector<InputFile> files;      ///< by table in the order of the map, then by name
  std::vector<std::string> ignored;  ///< files of folders that nothing matches
};

/// Finds out which file is which table of the map.
///
/// Names are matched without `.gz` and `.zst`. Files of a folder that match nothing are ignored. A
/// file that was named itself may have more in front of the matched name, and with a map of one
/// table any name will do. Errors: kNotFound, kInvalidInput if a file matches nothing or two
/// tables, or a table that is not optional has no file, kExhausted beyond RowId::kFilesMax.
base::Result<InputFiles> find_input_files(const ImportMap& map,
                                          const std::vector<std::string>& inputs);

}  // namespace purvey::flow
