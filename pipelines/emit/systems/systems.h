// The systems that pipelines are written for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit {

struct System {
  std::string name;  // as under `pipelines.systems`
  std::string title;
  generated::Emitted (*emit)(const pipeline::Pipeline&);
};

const std::vector<System>& systems();

const System* find_system(std::string_view name);

}  // namespace msctl::emit
