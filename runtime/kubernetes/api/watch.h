// Kinds of objects as they are and as they change: list, then watch, as long as somebody listens. Goes on
// from the last resourceVersion after a server that closes, a connection that breaks or has gone silent, and,
// where the server no longer knows that version, lists anew and tells the difference, so that whoever listens
// has at every moment seen a state that there was.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/kubernetes/api/client.h"

namespace msctl::kubernetes::api {

struct Watch {
  Kind kind;
  std::string labels = {};
  std::string fields = {};
  std::string space = {};  // empty: the client's
  bool all_spaces = false;
  bool lean = false;  // the objects without metadata.managedFields
};

struct Event {
  enum class Type : std::uint8_t {
    added,
    modified,
    deleted,  // with the object as it was last
    synced    // all that was there when this watch began has been told; without an object
  };
  Type type = Type::added;
  std::size_t watch = 0;  // which of them
  std::shared_ptr<const Json> object = {};
};

// All of them at once, each on a thread of its own; events come one at a time, on the calling thread, those
// of one watch in their order. Ends without an error when `take` or `go_on` returns false, or somebody
// interrupts; `go_on` is asked at least ten times a second. Errors: what listing refuses (forbidden, not
// served), and a server that has not answered for the time of the client's `patience`.
Answer<void> watch(const Client& client, const std::vector<Watch>& what,
                   const std::function<bool(const Event&)>& take, const std::function<bool()>& go_on);

// One watch, on the calling thread: what `watch` runs.
class Reflector {
public:
  using Deliver = std::function<bool(Event)>;  // false: no more
  Reflector(Client client, Watch what) : client_(std::move(client)), what_(std::move(what)) {}

  Answer<void> run(const Deliver& deliver);

private:
  enum class Next : std::uint8_t { watch, list, stop };
  using Key = std::pair<std::string, std::string>;  // namespace, name

  Answer<Next> list(const Deliver& deliver);
  Answer<Next> follow(const Deliver& deliver);
  Answer<Next> ended(Failure failure, bool heard);
  // What a line of the stream makes of the state; empty: go on reading.
  std::optional<Next> take(std::string_view line, const Deliver& deliver);
  bool set(Json object, const Deliver& deliver);
  bool remove(const Key& key, std::shared_ptr<const Json> last, const Deliver& deliver);
  bool rest();

  Client client_;
  Watch what_;
  std::map<Key, std::shared_ptr<const Json>> store_;
  std::string version_;
  bool synced_ = false;
  int troubles_ = 0;  // since the last event
  std::optional<Failure> refusal_;
};

}  // namespace msctl::kubernetes::api
