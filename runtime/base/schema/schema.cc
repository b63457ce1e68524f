#include "runtime/base/schema/schema.h"

namespace msctl::schema {
namespace {

TypePtr make(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

}  // namespace

TypePtr scalar(Kind kind, std::string example) {
  Type type;
  type.kind = kind;
  type.example = std::move(example);
  return make(std::move(type));
}

TypePtr text(std::string example) {
  return scalar(Kind::text, std::move(example));
}

TypePtr integer(std::int64_t minimum, std::int64_t maximum) {
  Type type;
  type.kind = Kind::integer;
  type.minimum = minimum;
  type.maximum = maximum;
  return make(std::move(type));
}

TypePtr choice(std::vector<std::string> values) {
  Type type;
  type.kind = Kind::choice;
  type.values = std::move(values);
  return make(std::move(type));
}

TypePtr list(TypePtr element) {
  Type type;
  type.kind = Kind::list;
  type.element = std::move(element);
  return make(std::move(type));
}

TypePtr map(TypePtr element) {
  Type type;
  type.kind = Kind::map;
  type.element = std::move(element);
  return make(std::move(type));
}

TypePtr object(std::vector<Field> fields) {
  Type type;
  type.kind = Kind::object;
  type.fields = std::move(fields);
  return make(std::move(type));
}

TypePtr one_of(std::vector<TypePtr> variants) {
  Type type;
  type.kind = Kind::one_of;
  type.variants = std::move(variants);
  return make(std::move(type));
}

}  // namespace msctl::schema
