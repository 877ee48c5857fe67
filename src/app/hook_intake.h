#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "app/event_intake.h"
#include "app/hook_settings.h"
#include "flow/hook/document_mapper.h"
#include "serve/router.h"

namespace purvey::app {

/// Takes the web hooks of other systems: their messages become events by a map, and go the way of
/// all events from there on.
///
/// Answers as EventIntake, with the place of a row within its message as `row`; 202 also where all
/// that was refused is what the map declines, 401 without the right signature where the hook asks
/// for one. Thread-safe.
class HookIntake {
 public:
  /// Reads the secrets. `intake` must outlive it. Errors: those of load_signing_secret().
  static base::Result<std::unique_ptr<HookIntake>> open(std::vector<Hook> hooks,
                                                        EventIntake& intake);

  /// `POST /api/v1/hooks/{name}`. The HookIntake must outlive it.
  serve::Route route();

 private:
  struct Door {
    explicit Door(Hook of) : hook(std::move(of)), mapper(hook.map) {}

    const Hook hook;
    std::mutex mutex;
    flow::DocumentMapper mapper;  // guarded by mutex
    bool is_signed() const { return !hook.secret_file.empty(); }
  };

  explicit HookIntake(EventIntake& intake) : intake_(intake) {}

  const Door* find(std::string_view name) const;
  serve::Response unknown(std::string_view name) const;
  void take(serve::Request request, serve::Respond respond);
  void submit(const flow::MappedBody& body, const std::string& source, serve::Respond respond);

  EventIntake& intake_;
  std::map<std::string, std::unique_ptr<Door>, std::less<>> doors_;
};

}  // namespace purvey::app
