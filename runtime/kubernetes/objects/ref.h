// Which object, of all that a namespace holds.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <compare>
#include <string>

namespace msctl::kubernetes {

struct Ref {
  std::string api_version;  // "apps/v1"
  std::string kind;         // "Deployment"
  std::string name;

  auto operator<=>(const Ref&) const = default;
  std::string text() const { return kind + "/" + name; }  // "Deployment/orders"
};

Ref ref_of(const nlohmann::json& object);

// A label or an annotation; empty where there is none.
std::string label(const nlohmann::json& object, const char* name);
std::string annotation(const nlohmann::json& object, const char* name);

// The names that msctl writes into objects.
namespace names {
inline constexpr const char* manager = "msctl";              // of fields, in server-side apply
inline constexpr const char* fence_manager = "msctl-fence";  // of the annotation `epoch` alone
inline constexpr const char* managed_by = "app.kubernetes.io/managed-by";
inline constexpr const char* part_of = "app.kubernetes.io/part-of";
inline constexpr const char* name = "app.kubernetes.io/name";
inline constexpr const char* component = "app.kubernetes.io/component";  // "gateway" of the gateway's objects
inline constexpr const char* canary_of = "msctl.dev/canary-of";  // of all that a canary adds: the service
inline constexpr const char* epoch = "msctl.dev/epoch";          // see deploy/fence.h
}  // namespace names

}  // namespace msctl::kubernetes
