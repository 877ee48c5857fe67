#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace purvey::base {

/// Fewest single-character changes (insert, delete, replace, swap of two neighbours) that turn `a`
/// into `b`, in bytes. Cost: |a| * |b|; texts are cut to 64 bytes first.
size_t edit_distance(std::string_view a, std::string_view b);

/// The name of `known` that a person who wrote `written` most likely meant: the nearest one within
/// a third of its length, rounded up (at most three changes); empty if there is none. The first
/// of equally near ones.
std::string_view closest_name(std::string_view written, std::span<const std::string_view> known);

}  // namespace purvey::base
