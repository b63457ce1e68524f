// What an API server has against a request, read (metav1.Status) and told: a code of ours, whom it refused,
// and the cure. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::kubernetes::api {

// One thing that is wrong with an object.
struct Cause {
  std::string reason;   // "FieldValueInvalid"
  std::string field;    // "spec.template.spec.containers[0].image"
  std::string message;  // the server's words
};

// A field that somebody else states, in a conflict of server-side apply.
struct Conflict {
  std::string field;    // ".spec.replicas"
  std::string manager;  // "kubectl-client-side-apply"
  std::string since;    // RFC 3339, its last change; empty: not known
};

struct Failure {
  base::Error error;         // to show
  int status = 0;            // HTTP's; 0: there was no answer
  std::string reason = {};   // metav1.StatusReason: "NotFound", "Conflict", …; empty: none was told
  std::string message = {};  // the server's own words
  std::vector<Cause> causes = {};
  std::vector<Conflict> conflicts = {};
  std::optional<base::Duration> retry_after = {};
  bool unserved = false;  // of a 404: not the object is missing, but the API
  // An earlier attempt of the same request was sent and its answer lost: a "conflict" or "exists already" may
  // be what that attempt itself has done.
  bool uncertain = false;

  bool not_found() const { return status == 404; }
  bool exists() const { return reason == "AlreadyExists"; }
  // Another resourceVersion than the one that was read, or fields that another manager states.
  bool conflict() const { return status == 409 && !exists(); }
  bool gone() const { return status == 410; }  // a resourceVersion or a page that is too old
  bool forbidden() const { return status == 403; }
  bool unreachable() const { return status == 0; }
};

// What a request was about, in the words of a Role.
struct About {
  std::string verb;  // "get", "list", "watch", "create", "update", "patch", "delete"
  std::string group, plural, subresource;
  std::string kind, name, space;

  std::string text() const;  // "Deployment/orders", "deployments", "Pod/a (log)"
};

// An answer that is no 2xx. `who`: as whom was asked, where the server does not tell.
Failure read_failure(int status, const std::string& body, std::string_view retry_after, const About& about,
                     const std::string& who);

template <class T>
using Answer = std::expected<T, Failure>;

}  // namespace msctl::kubernetes::api
