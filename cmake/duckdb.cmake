# DuckDB::duckdb: an installed DuckDB if there is one, else the pinned library that `./dev` put into build/deps/duckdb.
find_path(DUCKDB_INCLUDE duckdb.h)
find_library(DUCKDB_LIBRARY duckdb)
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  # Header and library come from one place, never one of each.
  set(pinned ${PROJECT_SOURCE_DIR}/build/deps/duckdb)
  if(NOT EXISTS ${pinned}/duckdb.h OR NOT EXISTS ${pinned}/libduckdb.so)
    message(FATAL_ERROR "DuckDB is missing: run ./dev build, which brings it, or install libduckdb and duckdb.h")
  endif()
  set(DUCKDB_INCLUDE ${pinned})
  set(DUCKDB_LIBRARY ${pinned}/libduckdb.so)
endif()
add_library(DuckDB::duckdb UNKNOWN IMPORTED)
set_target_properties(DuckDB::duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE})
