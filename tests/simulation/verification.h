#pragma once

#include <map>
#include <set>
#include <string>

#include "app/configuration.h"
#include "base/result.h"
#include "clients.h"
#include "random.h"
#include "sim_disk.h"

namespace purvey::simulation {

/// What a run leaves to be looked at.
struct Story {
  SimDisk* disk = nullptr;
  std::string folder;
  const app::Configuration* configuration = nullptr;
  const Clients* clients = nullptr;
  const std::map<std::string, std::set<size_t>>* bodies = nullptr;
  const std::set<size_t>* acknowledged = nullptr;
  const std::map<std::string, std::string>* statuses = nullptr;  ///< of orders
  Random random;
};

/// Holds what is committed against the journal: everything acknowledged is in it, the oracle makes
/// the same of it, and so does a flow that plays it without a disturbance, cut into other records
/// and kept by another number of shards. Gives the digest, or what is wrong.
base::Result<std::string> verify(const Story& story);

}  // namespace purvey::simulation
