#pragma once

#include <map>
#include <span>
#include <string>

#include "base/event_time.h"
#include "base/result.h"
#include "event/schema.h"
#include "tests/scenarios/words.h"

namespace purvey::scenarios {

/// An event as a scenario writes it: its fields as JSON values, by name.
struct WrittenEvent {
  event::EventKind kind = event::EventKind::kOrderPlaced;
  std::string source = {};
  std::string id = {};
  base::EventTime time = {};
  std::map<std::string, std::string> data = {};
};

/// Reads `TYPE [SUBJECT] [field=value ...]`: the subject is the value of the type's first field.
/// What orders must say and few scenarios are about is filled in: customer_id `c1`, no lines.
/// `day`: of times without one. Errors: kInvalidInput with what to write instead.
base::Result<void> read_event(std::span<const Word> words, base::EventTime day,
                              WrittenEvent& event);

/// Changes fields: `[field=value ...]`. Errors: as read_event().
base::Result<void> read_fields(std::span<const Word> words, base::EventTime day,
                               WrittenEvent& event);

/// The event as a line of CloudEvents JSON.
std::string to_json(const WrittenEvent& event);

}  // namespace purvey::scenarios
