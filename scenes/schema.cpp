#include "scenes/schema.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "scenes/augment_rows.h"
#include "scenes/optimize_rows.h"
#include "scenes/prompt_reading.h"
#include "scenes/recipes.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::text:
    case Value::Kind::date:
      return value.text;
    case Value::Kind::integer:
      return value.integer;
    case Value::Kind::number:
      return value.number;
    case Value::Kind::boolean:
      return value.boolean;
    case Value::Kind::list: {
      auto list = ordered_json::array();
      for (const Value& item : value.items) list.push_back(json_of(item));
      return list;
    }
    case Value::Kind::table:
      break;
  }
  auto table = ordered_json::object();
  for (const Entry& entry : value.entries) table[entry.key] = json_of(entry.value);
  return table;
}

ordered_json json_of_toml(std::string_view toml) {
  return json_of(parse_override_value(toml, 0));
}

ordered_json number_in(Range range) {
  ordered_json schema = {{"type", "number"}};
  schema[range.above_min ? "exclusiveMinimum" : "minimum"] = range.min;
  schema["maximum"] = range.max;
  return schema;
}

// A number for the whole film, points, or an expression.
ordered_json curve_in(Range range) {
  auto point = ordered_json::parse(
      R"({"type": "array", "minItems": 2, "maxItems": 3, "items": [{"$ref": "#/definitions/time"}]})");
  point["items"].push_back(number_in(range));
  point["items"].push_back({{"$ref", "#/definitions/easing"}});
  auto points = ordered_json::parse(R"({"type": "array", "minItems": 1, "maxItems": 10000})");
  points["items"] = std::move(point);
  auto expression = ordered_json::parse(R"({"type": "string", "minLength": 1, "maxLength": 1000})");
  return {{"anyOf", {number_in(range), std::move(points), std::move(expression)}}};
}

ordered_json one_of(const std::vector<std::string_view>& words) {
  return {{"enum", words}};
}

template <class Owner>
ordered_json type_of(const Row<Owner>& row) {
  return std::visit(
      Overloaded{
          [](const Integer<Owner>& type) -> ordered_json {
            return {{"type", "integer"}, {"minimum", type.min}, {"maximum", type.max}};
          },
          [](const Number<Owner>& type) { return number_in(type.range); },
          [](const OptionalNumber<Owner>& type) { return number_in(type.range); },
          [](const Pair<Owner>& type) {
            ordered_json pair = {{"type", "array"},
                                 {"items", number_in(type.range)},
                                 {"minItems", 2},
                                 {"maxItems", 2}};
            if (!type.one_for_both) return pair;
            return ordered_json{{"anyOf", {number_in(type.range), std::move(pair)}}};
          },
          [](const Boolean<Owner>&) -> ordered_json {
            return {{"type", "boolean"}};
          },
          [](const Choice<Owner>& type) { return one_of(type.words()); },
          [](const Animatable<Owner>& type) { return curve_in(type.range); },
          [](const AnimatablePair<Owner>& type) -> ordered_json {
            return {{"type", "array"},
                    {"items", curve_in(type.range)},
                    {"minItems", 2},
                    {"maxItems", 2}};
          },
          [](const ChangingWeight<Owner>& type) { return curve_in(type.range); },
          [](const Custom<Owner>& type) { return ordered_json::parse(type.schema); },
      },
      row.type);
}

// In draft 7 what stands beside a $ref is not read: it goes into a list of one.
template <class Owner>
ordered_json schema_of(const Row<Owner>& row, const Owner& defaults) {
  ordered_json schema = {{"title", row.key}, {"description", row.help}};
  auto type = type_of(row);
  if (type.contains("$ref")) {
    schema["allOf"] = ordered_json::array({std::move(type)});
  } else {
    schema.update(type);
  }
  const auto text = text_of(row, defaults);
  if (!text.empty()) schema["default"] = json_of_toml(text);
  schema["examples"] = ordered_json::array({json_of_toml(row.example)});
  return schema;
}

template <class Owner>
void add_rows(ordered_json& properties, std::span<const Row<Owner>> rows, const Owner& defaults) {
  for (const auto& row : rows) properties[std::string(row.key)] = schema_of(row, defaults);
}

ordered_json object_schema(std::string_view help, ordered_json properties) {
  return {{"type", "object"},
          {"description", help},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

template <class Owner>
ordered_json section(std::string_view help, std::span<const Row<Owner>> rows) {
  ordered_json properties;
  add_rows(properties, rows, Owner{});
  return object_schema(help, std::move(properties));
}

// Its keys are names that the scene gives.
ordered_json signals_section() {
  return {{"type", "object"},
          {"description", "What expressions may read of the song, each by its name."},
          {"propertyNames", {{"pattern", "^[A-Za-z][A-Za-z0-9_]{0,39}$"}}},
          {"additionalProperties", section("A signal of the song.", signal_rows())}};
}

void add_optimize(ordered_json& properties) {
  const auto defaults = recipe(recipe_names().front());
  properties[std::string(recipe_row().key)] = schema_of(recipe_row(), defaults);
  add_rows(properties, optimize_rows(), defaults);
}

ordered_json optimize_section() {
  ordered_json properties;
  add_optimize(properties);
  return object_schema(
      "How each picture is made; a keyframe may set any of these for itself. The defaults are "
      "those of the recipe \"notebook\".",
      std::move(properties));
}

// A keyframe inherits what it does not say, so its options have no defaults here.
ordered_json keyframe_table() {
  ordered_json properties;
  for (const auto& row : keyframe_rows()) {
    properties[std::string(row.key)] = schema_of(row, Keyframe{});
    properties[std::string(row.key)].erase("default");
  }
  ordered_json optimize;
  add_optimize(optimize);
  for (auto& [key, schema] : optimize.items()) {
    schema.erase("default");
    properties[key] = schema;
  }
  auto table = object_schema("What the film shows at a time.", std::move(properties));
  table["oneOf"] = ordered_json::parse(R"([{"required": ["prompt"]}, {"required": ["prompts"]}])");
  return table;
}

ordered_json augment_step(std::string_view word, Augment::Kind kind) {
  ordered_json properties = {{"name", {{"const", word}}}};
  for (const auto* row : augment_rows(kind)) {
    properties[std::string(row->key)] = schema_of(*row, Augment{.kind = kind});
  }
  auto table = object_schema("A step of the cutouts' augmentation.", std::move(properties));
  table["required"] = ordered_json::array({"name"});
  return table;
}

ordered_json augment_list() {
  auto steps = ordered_json::array({one_of(words_of_enum<Augment::Kind>())});
  for (const auto& [word, kind] : EnumNames<Augment::Kind>::kNames) {
    steps.push_back(augment_step(word, kind));
  }
  return {{"type", "array"}, {"maxItems", 100}, {"items", {{"anyOf", std::move(steps)}}}};
}

// Forms that rows name by {"$ref": "#/definitions/..."}.
ordered_json definitions() {
  auto forms = ordered_json::parse(R"JSON({
    "time": {
      "description": "Seconds as a number, or a string: \"4s\", \"377/118s\", \"1:12.5\", \"frame 96\"; with [music] also \"beat 33\", \"bar 9 beat 3\", \"chorus 2\", \"lyric let it be\" and \"bar 9 + 2 beats\".",
      "anyOf": [{"type": "number", "minimum": 0, "maximum": 1000000000}, {"type": "string", "minLength": 1}]
    },
    "plain-time": {"type": "string", "pattern": "^ *(frame|[^A-Za-z ])", "not": {"pattern": "beat|bar"}},
    "length": {
      "description": "Seconds as a number, or a string: \"1s\", \"frame 24\"; with [music] also \"2 beats\" and \"1 bar\".",
      "anyOf": [{"type": "number", "minimum": 0, "maximum": 1000000000}, {"$ref": "#/definitions/plain-time"}, {"type": "string", "pattern": "^[ \\t]*[0-9.]+[ \\t]+(beat|bar)s?[ \\t]*$"}]
    },
    "offset": {"anyOf": [{"type": "number", "minimum": -1000000, "maximum": 1000000}, {"$ref": "#/definitions/plain-time"}]},
    "size": {"type": "string", "pattern": "^ *[0-9]{2,5} *([xX*]|\u00d7) *[0-9]{2,5} *$"},
    "fps": {"anyOf": [{"type": "number", "minimum": 1, "maximum": 240}, {"type": "string", "pattern": "^ *([1-9][0-9]*(\\.[0-9]+)?|[0-9]+ */ *[1-9][0-9]*) *$"}]},
    "text": {"type": "string", "maxLength": 4000, "pattern": "^(?=[\\s\\S]*\\S)[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"},
    "texts": {"anyOf": [{"type": "string", "maxLength": 4000}, {"type": "array", "maxItems": 100, "items": {"$ref": "#/definitions/text"}}]},
    "prompt": {
      "anyOf": [
        {"$ref": "#/definitions/text"},
        {
          "type": "object",
          "properties": {
            "text": {"$ref": "#/definitions/text"},
            "image": {"type": "string", "minLength": 1, "description": "A picture's file, beside the scene."},
            "video": {"type": "string", "minLength": 1, "description": "A clip, beside the scene, of which one moment is meant."},
            "at": {"$ref": "#/definitions/clip-time"},
            "stop": {"type": "number", "minimum": -1000, "maximum": 1000, "description": "No gradient below this signed distance."}
          },
          "additionalProperties": false,
          "oneOf": [{"required": ["text"]}, {"required": ["image"]}, {"required": ["video", "at"]}],
          "dependencies": {"at": ["video"], "video": ["at"]}
        }
      ]
    },
    "clip-time": {
      "description": "Seconds of a clip, from its first frame on, as a number or a string: \"12s\", \"377/118s\", \"1:12.5\".",
      "anyOf": [{"type": "number", "minimum": 0, "maximum": 1000000000}, {"type": "string", "pattern": "^[0-9.:/s \\t]+$"}]
    },
    "moment": {
      "type": "object",
      "description": "What a clip shows at a moment.",
      "properties": {
        "video": {"type": "string", "minLength": 1},
        "at": {"$ref": "#/definitions/clip-time"}
      },
      "required": ["video", "at"],
      "additionalProperties": false
    },
    "prompts": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"$ref": "#/definitions/prompt"}},
    "exclude": {"anyOf": [{"const": ""}, {"$ref": "#/definitions/prompt"}, {"type": "array", "maxItems": 100, "items": {"$ref": "#/definitions/prompt"}}]},
    "clip": {
      "anyOf": [
        {"$ref": "#/definitions/clip-choice"},
        {"type": "array", "minItems": 1, "maxItems": 16, "items": {"$ref": "#/definitions/clip-choice"}}
      ]
    },
    "clip-choice": {
      "anyOf": [
        {"type": "string", "minLength": 1},
        {
          "type": "object",
          "properties": {
            "name": {"type": "string", "minLength": 1},
            "weight": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000, "default": 1.0}
          },
          "required": ["name"],
          "additionalProperties": false
        }
      ]
    }
  })JSON");
  auto weight = curve_in(kPromptWeights);
  weight["default"] = 1.0;
  weight["description"] =
      "Below 0, the picture is pushed away from it. With [feedback] or [source] it may change.";
  forms["prompt"]["anyOf"][1]["properties"]["weight"] = std::move(weight);
  forms["start"] = {{"anyOf",
                     {one_of(words_of_enum<StartKind>()),
                      {{"type", "string"}, {"pattern", "[./]"}},
                      {{"$ref", "#/definitions/moment"}}}}};
  forms["recipe"] = one_of(recipe_names());
  forms["codec"] = one_of(words_of_enum<Codec>());
  forms["easing"] = one_of(words_of_enum<Easing>());
  forms["augment"] = augment_list();
  return forms;
}

}  // namespace

std::string scene_schema() {
  ordered_json properties;
  add_rows(properties, scene_rows(), Scene{});
  properties["title"].erase("default");  // the file's name
  properties["video"] = section("The pictures and the film.", video_rows());
  properties["music"] = section("The song, and the tempo that times are written in.", music_rows());
  properties["music"]["dependencies"] = ordered_json::parse(
      R"({"from": ["file"], "to": ["file"], "codec": ["file"], "channels": ["file"], "gain": ["file"]})");
  properties["signals"] = signals_section();
  properties["models"] = section("What draws the pictures and what judges them.", model_rows());
  properties["optimize"] = optimize_section();
  properties["interpolate"] = section("The way from picture to picture.", interpolate_rows());
  properties["pulse"] = section("Where pictures leave their way for another.", pulse_rows());
  properties["motion"] = section("How the camera moves over the pictures.", motion_rows());
  properties["feedback"] =
      section("Frames that grow out of one another, each from the one before.", feedback_rows());
  properties["source"] = section("Footage that is repainted, frame by frame.", source_rows());
  properties["source"]["required"] = ordered_json::array({"video"});
  properties["picture"] = section("What is done to every picture.", picture_rows());
  properties["keyframe"] = {{"type", "array"},
                            {"description", "The pictures of the film, each at its time."},
                            {"minItems", 1},
                            {"maxItems", 10000},
                            {"items", keyframe_table()}};
  auto schema = object_schema("A scene: prompts in time, which latentreel turns into a film.",
                              std::move(properties));
  schema["required"] = ordered_json::array({"keyframe"});
  schema["definitions"] = definitions();
  ordered_json head = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                       {"title", "latentreel scene"}};
  head.update(schema);
  return head.dump(2) + "\n";
}

}  // namespace latentreel::scenes
