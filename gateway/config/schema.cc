#include "gateway/config/schema.h"

namespace msctl::gateway::config {
namespace {

using schema::Field;
using schema::Kind;
using schema::TypePtr;

TypePtr strings(std::string example = {}) {
  return schema::list(schema::text(std::move(example)));
}
TypePtr string_map() {
  return schema::map(schema::text());
}
TypePtr duration() {
  return schema::scalar(Kind::duration);
}
TypePtr methods() {
  return schema::list(schema::choice({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}));
}

TypePtr header_edits() {
  return schema::object({
      {"set", string_map(), "Fields that get this value, whatever they had."},
      {"add", string_map(), "Fields that get this value beside what they have."},
      {"remove", strings("Cookie"), "Fields that are taken out."},
      {"rename", string_map(), "Fields that go on under another name."},
  });
}

TypePtr authentication() {
  return schema::one_of({
      schema::text("none"),
      strings("partners"),
      schema::object({{"all", strings("partners"), "Providers that must all accept the request.", true}}),
  });
}

TypePtr match() {
  return schema::object({
      {"path", schema::text("/orders/**"),
       "'/a' exactly, '/a/**' that and all below it, '/a/{id}' with any one segment in that place.", true},
      {"methods", methods(), "Methods that the route takes. Absent: any."},
      {"host", schema::text("*.shop.example"),
       "The host, exactly or with '*.' for any one or more labels. Absent: any."},
      {"headers", string_map(), "Fields that must have this value."},
      {"query", string_map(), "Query parameters that must have this value."},
  });
}

TypePtr rate_limit() {
  return schema::object({
      {"quota", schema::integer(1, 1'000'000'000), "How many requests pass in a window, and at once.", true},
      {"window", duration(), "The time in which the quota grows back.", true},
      {"by", schema::text("consumer"), "What is counted by itself: consumer, address, header:NAME or route.",
       false, "address"},
  });
}

std::vector<Field> route_fields() {
  return {
      {"name", schema::text("orders"), "The route's name in logs, metrics and errors.", false,
       "the service's name, then -2, …"},
      {"match", match(), "Which requests the route takes.", true},
      {"authentication", authentication(),
       "Providers of which any one must accept the request; {all: […]} for all; none for a public route.",
       false, "that of gateway.defaults"},
      {"rateLimit", rate_limit(), "How many requests the route takes."},
      {"request",
       schema::object({
           {"stripPrefix", schema::text("/orders"), "Taken off the path before it is forwarded."},
           {"replacePrefix", schema::text("/v2"), "Put in front of the path after that."},
           {"headers", header_edits(), "Changes to the request's fields."},
       }),
       "Changes to the request on its way to the upstream."},
      {"response", schema::object({{"headers", header_edits(), "Changes to the response's fields."}}),
       "Changes to the response on its way to the client."},
      {"timeout", duration(), "From the whole request to the head of the response.", false,
       "that of gateway.defaults"},
      {"idleTimeout", duration(),
       "Between bytes after that; upgraded connections and event streams have it too.", false,
       "that of gateway.defaults"},
  };
}

TypePtr gateway_route() {
  std::vector<Field> fields = route_fields();
  fields.push_back(
      {"upstream", schema::text("orders"), "The service, or the entry of upstreams, that answers."});
  fields.push_back({"split", schema::map(schema::scalar(Kind::percentage)),
                    "Parts of the requests that go to other upstreams: {orders-canary: 5%}."});
  fields.push_back({"respond",
                    schema::object({
                        {"status", schema::integer(200, 599), "The status.", true},
                        {"body", schema::text(), "The body.", false, "empty"},
                        {"headers", string_map(), "The fields."},
                    }),
                    "An answer by the gateway itself, instead of an upstream."});
  return schema::object(std::move(fields));
}

std::vector<Field> gateway_fields() {
  return {
      {"listeners",
       schema::list(schema::object({
           {"address", schema::text("127.0.0.1:8080"), "Address and port; port 0 takes a free one.", true},
           {"protocols", schema::list(schema::choice({"http1"})), "What is spoken there.", false, "[http1]"},
       })),
       "Where the gateway listens.", false, "127.0.0.1:8080"},
      {"limits",
       schema::object({
           {"headerTimeout", duration(), "From a request's first byte to the end of its header.", false,
            "10s"},
           {"bodyTimeout", duration(),
            "For the whole body; longer only while at least 1 KiB a second arrives.", false, "30s"},
           {"keepAliveTimeout", duration(), "Between two requests on a connection.", false, "75s"},
           {"headerBytes", schema::scalar(Kind::size), "Request line and fields together.", false, "64KiB"},
           {"bodyBytes", schema::scalar(Kind::size), "A request's body.", false, "8MiB"},
       }),
       "What a client may send, and how slowly."},
      {"authentication",
       schema::map(schema::object({
           {"apiKey",
            schema::object({
                {"header", schema::text("X-API-Key"), "The field that carries the key.", false, "X-API-Key"},
                {"keys", schema::text("keys/partners.yaml"), "A file with a list of {name, sha256, groups}.",
                 true},
            }),
            "A key in a field of the request.", true},
       })),
       "Providers: ways to authenticate, by name."},
      {"defaults",
       schema::object({
           {"authentication", authentication(), "For routes that state none.", false, "none"},
           {"balancing", schema::choice({"leastRequest", "alternate"}),
            "Which replica takes the next request: the less busy of two, or never the one that took the "
            "last.",
            false, "leastRequest"},
           {"timeout", duration(), "From the whole request to the head of the response.", false, "5s"},
           {"connectTimeout", duration(), "To connect to a replica.", false, "1s"},
           {"idleTimeout", duration(), "Between bytes of a response.", false, "60s"},
       }),
       "What holds where a route states nothing."},
      {"routes", schema::list(gateway_route()), "Routes that belong to no service."},
      {"admin",
       schema::object({
           {"address", schema::text("127.0.0.1:9901"), "Address and port of the administrative interface."},
           {"socket", schema::text("/run/msctl/admin.sock"), "Or the path of a Unix socket."},
       }),
       "Where metrics, health and the configuration in force can be read. Absent: nowhere."},
      {"trustedProxies", strings("10.0.0.0/8"),
       "Addresses (CIDR) whose X-Forwarded-*, Forwarded and X-Request-Id are believed."},
      {"accessLog", schema::scalar(Kind::boolean), "One JSON object a request.", false, "true"},
  };
}

}  // namespace

schema::TypePtr gateway_schema() {
  static const TypePtr type = schema::object(gateway_fields());
  return type;
}

schema::TypePtr gateway_file_schema() {
  static const TypePtr type = [] {
    std::vector<Field> fields = gateway_fields();
    fields.push_back({"upstreams",
                      schema::map(schema::object({
                          {"endpoints", strings("127.0.0.1:9001"), "Addresses of the replicas.", true},
                      })),
                      "The replicas behind the routes, by name."});
    return schema::object(std::move(fields));
  }();
  return type;
}

schema::TypePtr service_route_schema() {
  static const TypePtr type = schema::object(route_fields());
  return type;
}

schema::TypePtr key_file_schema() {
  static const TypePtr type = schema::list(schema::object({
      {"name", schema::text("partner"), "The consumer.", true},
      {"sha256", schema::text(), "The SHA-256 digest of the key, 64 hex digits.", true},
      {"groups", strings("gold"), "Groups that the consumer belongs to."},
  }));
  return type;
}

}  // namespace msctl::gateway::config
