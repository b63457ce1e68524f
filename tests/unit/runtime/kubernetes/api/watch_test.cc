#include "runtime/kubernetes/api/watch.h"

#include <fmt/format.h>

#include "runtime/kubernetes/api/lines.h"
#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/api/server.h"

using namespace msctl;
using namespace msctl::kubernetes::api;
using fakes::ApiServer;
using fakes::Asked;
using fakes::broken;
using fakes::give;
using fakes::Heard;
using fakes::object;
using fakes::refusal;
using Kinds = http::Failure::Kind;

namespace {

std::string line(const std::string& type, const Json& object) {
  return Json{{"type", type}, {"object", object}}.dump() + "\n";
}

// Lists and watches from a script; what is told is written down.
struct Cluster : ApiServer {
  std::deque<Json> lists;
  std::deque<std::function<Heard(const http::Request&)>> watches;
  std::vector<std::string> told;
  std::size_t most = 100;

  Cluster() {
    on = [this](const http::Request& request, const Asked& one) -> Heard {
      const bool watch = one.target.find("watch=1") != std::string::npos;
      if (watch && !watches.empty()) {
        auto answer = watches.front();
        watches.pop_front();
        return answer(request);
      }
      if (!watch && !lists.empty()) {
        const Json answer = lists.front();
        lists.pop_front();
        if (answer.contains("code")) return give(request, answer["code"].get<int>(), answer);
        return give(request, 200, answer);
      }
      return give(request, 403, refusal(403, "Forbidden", "the script is at its end"));
    };
  }

  static Json list(const std::string& version, std::vector<Json> items) {
    return {{"metadata", {{"resourceVersion", version}}}, {"items", std::move(items)}};
  }
  void stream(const std::string& bytes, std::optional<Kinds> end = std::nullopt) {
    watches.push_back([=](const http::Request& request) -> Heard {
      if (!bytes.empty() && !request.sink(bytes)) return broken(Kinds::refused);
      return end ? broken(*end) : give(request, 200, std::string{});
    });
  }
  Answer<void> run() {
    return Reflector(client(), {.kind = {"v1", "Pod"}, .labels = "app=a"}).run([this](Event event) {
      const char* names[] = {"added", "modified", "deleted", "synced"};
      std::string text = names[static_cast<int>(event.type)];
      if (event.object)
        text += fmt::format(" {} {}", (*event.object)["metadata"]["name"].get<std::string>(),
                            (*event.object)["metadata"]["resourceVersion"].get<std::string>());
      told.push_back(std::move(text));
      return told.size() < most;
    });
  }
  // The resourceVersion from which a watch went on.
  std::string from(std::size_t request) const {
    const std::string& target = asked[request].target;
    const std::size_t at = target.find("resourceVersion=") + 16;
    return target.substr(at, target.find('&', at) - at);
  }
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Cluster, "first what is there, then what happens, then the server's end and on") {
  lists = {list("5", {object("Pod", "a", "3"), object("Pod", "b", "4")})};
  stream(line("ADDED", object("Pod", "c", "6")) + line("MODIFIED", object("Pod", "a", "7")) +
         line("DELETED", object("Pod", "b", "8")) +
         line("BOOKMARK", {{"metadata", {{"resourceVersion", "12"}}}}));
  stream(line("MODIFIED", object("Pod", "a", "13")));
  most = 7;
  CHECK(run());
  CHECK(told == Told{"added a 3", "added b 4", "synced", "added c 6", "modified a 7", "deleted b 8",
                     "modified a 13"});
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].target == "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Da");
  CHECK(asked[1].target.starts_with(
      "/api/v1/namespaces/shop/pods?watch=1&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds="));
  CHECK(asked[1].target.ends_with("&labelSelector=app%3Da"));
  CHECK(from(2) == "12");
  CHECK(pauses.empty());
}

TEST_CASE_METHOD(Cluster, "a connection that breaks in the middle loses and repeats nothing") {
  lists = {list("5", {})};
  const std::string event = line("ADDED", object("Pod", "a", "6"));
  stream(event + event.substr(0, 20), Kinds::broken);
  stream(line("ADDED", object("Pod", "a", "6")) + line("MODIFIED", object("Pod", "a", "7")), Kinds::timeout);
  stream(line("MODIFIED", object("Pod", "a", "8")));
  most = 4;
  CHECK(run());
  CHECK(told == Told{"synced", "added a 6", "modified a 7", "modified a 8"});
  CHECK(from(2) == "6");
  CHECK(from(3) == "7");
}

TEST_CASE_METHOD(Cluster, "a version that is gone: listed anew, and the difference told") {
  lists = {list("5", {object("Pod", "a", "3"), object("Pod", "b", "4"), object("Pod", "c", "5")}),
           list("20", {object("Pod", "a", "3"), object("Pod", "c", "15"), object("Pod", "d", "16")}),
           list("30", {object("Pod", "a", "3"), object("Pod", "c", "25", "v"), object("Pod", "d", "16")})};
  stream(line("ERROR", refusal(410, "Expired", "too old resource version")));
  watches.push_back([](const http::Request& request) {
    return give(request, 410, refusal(410, "Expired", "too old resource version"));
  });
  stream(line("DELETED", object("Pod", "d", "31")));
  most = 10;
  CHECK(run());
  CHECK(told == Told{"added a 3", "added b 4", "added c 5", "synced",  //
                     "deleted b 4", "modified c 15", "added d 16",     //
                     "deleted c 15", "added c 25", "deleted d 31"});
  CHECK(from(5) == "30");
}

TEST_CASE_METHOD(Cluster, "what cannot be read is listed anew, after a pause") {
  lists = {list("5", {}), list("6", {object("Pod", "a", "6")}), list("7", {}),
           list("8", {object("Pod", "b", "8")})};
  stream("{nonsense\n");
  stream(line("ADDED", {{"metadata", Json::object()}}));
  stream(line("ERROR", refusal(500, "InternalError", "x")));
  most = 4;
  CHECK(run());
  CHECK(told == Told{"synced", "added a 6", "deleted a 6", "added b 8"});
  CHECK(pauses.size() == 3);
}

TEST_CASE_METHOD(Cluster, "a server that ends each watch at once is not asked in a loop") {
  lists = {list("5", {})};
  for (int i = 0; i < 4; ++i) stream("");
  stream(line("ADDED", object("Pod", "a", "6")));
  most = 2;
  CHECK(run());
  REQUIRE(pauses.size() == 4);
  CHECK(pauses[3] > pauses[0]);
}

TEST_CASE_METHOD(Cluster, "a trouble that does not end is told") {
  for (int i = 0; i < 20; ++i) {
    lists.push_back(list("5", {}));
    stream(line("ERROR", refusal(500, "InternalError", "broken for good")));
  }
  const auto ran = run();
  REQUIRE_FALSE(ran);
  CHECK(ran.error().error.message.find("broken for good") != std::string::npos);
  CHECK(told == Told{"synced"});
}

TEST_CASE_METHOD(Cluster, "what is forbidden, and a server that is gone, end it") {
  SECTION("the list") {
    const auto ran = run();
    REQUIRE_FALSE(ran);
    CHECK(ran.error().forbidden());
  }
  SECTION("the watch") {
    lists = {list("5", {})};
    const auto ran = run();
    REQUIRE_FALSE(ran);
    CHECK(ran.error().forbidden());
  }
  SECTION("the server") {
    lists = {list("5", {})};
    stream(line("ADDED", object("Pod", "a", "6")));
    auto script = on;
    on = [this, script](const http::Request& request, const Asked& one) {
      return asked.size() > 2 ? broken(Kinds::connect) : script(request, one);
    };
    const auto ran = run();
    REQUIRE_FALSE(ran);
    CHECK(ran.error().unreachable());
    CHECK(told == Told{"synced", "added a 6"});
  }
}

TEST_CASE_METHOD(Cluster, "several watches tell one listener") {
  on = [](const http::Request& request, const Asked& one) -> Heard {
    const std::string kind = one.target.find("/pods") != std::string::npos ? "Pod" : "ConfigMap";
    if (one.target.find("watch=1") == std::string::npos)
      return give(request, 200, list("5", {object(kind, "a", "3")}));
    return give(request, 200, line("MODIFIED", object(kind, "a", "6")));
  };
  std::map<std::size_t, Told> each;
  std::size_t modified = 0;
  const auto take = [&](const Event& event) {
    if (event.type == Event::Type::synced)
      each[event.watch].push_back("synced");
    else
      each[event.watch].push_back((*event.object)["kind"].get<std::string>() + " " +
                                  (*event.object)["metadata"]["resourceVersion"].get<std::string>());
    modified += event.type == Event::Type::modified ? 1 : 0;
    return modified < 2;
  };
  const std::vector<Watch> both{{.kind = {"v1", "Pod"}}, {.kind = {"v1", "ConfigMap"}}};
  CHECK(watch(client(), both, take, [] { return true; }));
  CHECK(each[0] == Told{"Pod 3", "synced", "Pod 6"});
  CHECK(each[1] == Told{"ConfigMap 3", "synced", "ConfigMap 6"});
}

TEST_CASE_METHOD(Cluster, "several watches end when nobody listens, and with the first error") {
  on = [](const http::Request& request, const Asked& one) -> Heard {
    if (one.target.find("/pods") != std::string::npos)
      return give(request, 403, refusal(403, "Forbidden", "no"));
    if (one.target.find("watch=1") == std::string::npos) return give(request, 200, list("5", {}));
    return give(request, 200, std::string{});
  };
  const auto any = [](const Event&) { return true; };
  const auto failed =
      watch(client(), {{.kind = {"v1", "ConfigMap"}}, {.kind = {"v1", "Pod"}}}, any, [] { return true; });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().forbidden());
  int times = 0;
  CHECK(watch(client(), {{.kind = {"v1", "ConfigMap"}}}, any, [&] { return ++times < 3; }));
  CHECK(times == 3);
}

TEST_CASE("lines from pieces of any size, with a bound") {
  const std::string text = "one\r\n\ntwo two\nthree is far too long\nfour\nfive";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Lines lines(8);
    Told all;
    std::vector<bool> cut;
    const auto take = [&](std::string_view each) {
      all.emplace_back(each);
      cut.push_back(lines.was_cut());
      return true;
    };
    for (std::size_t at = 0; at < text.size(); at += size) CHECK(lines.take(text.substr(at, size), take));
    CHECK(lines.finish(take));
    CHECK(all == Told{"one", "", "two two", "three is", "four", "five"});
    CHECK(cut == std::vector<bool>{false, false, false, true, false, false});
  }
}
