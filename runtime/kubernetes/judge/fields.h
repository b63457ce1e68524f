// Fields of objects that may be absent: an API server leaves out what is empty.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "runtime/explain/evidence.h"

namespace msctl::kubernetes::judge {

using Json = nlohmann::json;

// `path` is "status.conditions"; null where something on the way is absent.
const Json& at(const Json& object, std::string_view path);
// Empty, or `otherwise`, where there is nothing of that kind.
std::string text(const Json& object, std::string_view path);
int number(const Json& object, std::string_view path, int otherwise = 0);
bool flag(const Json& object, std::string_view path);
// "2026-11-27T12:00:00Z", with a fraction or without.
explain::When time_at(const Json& object, std::string_view path);
explain::When time_from(std::string_view rfc3339);

// The condition of that type; null where there is none.
const Json& condition(const Json& object, std::string_view type);

// Quantities in thousandths of a core, and in bytes; 0 where there are none.
std::int64_t cpu_at(const Json& resources, std::string_view path);
std::int64_t memory_at(const Json& resources, std::string_view path);

// The uid of the owner that controls an object.
std::string controller(const Json& object);

}  // namespace msctl::kubernetes::judge
