#pragma once

#include "src/train/world/brush.h"

// The things, one function each. A thing fills most of a square of 100 x 100, faces right if it has
// a direction, and stands at about y = 97 if it stands on the ground. `body` is the colour that a
// person would mean by "a blue one"; all other colours belong to the thing.

namespace latentreel::world {

// Colours that many things share.
inline constexpr Rgb kDark = rgb(56, 46, 58);
inline constexpr Rgb kWhite = rgb(252, 250, 244);
inline constexpr Rgb kCream = rgb(250, 232, 200);
inline constexpr Rgb kWood = rgb(150, 98, 58);
inline constexpr Rgb kLeaf = rgb(86, 168, 74);
inline constexpr Rgb kGold = rgb(252, 204, 62);
inline constexpr Rgb kScarlet = rgb(224, 70, 60);
inline constexpr Rgb kOrange = rgb(244, 146, 48);
inline constexpr Rgb kRose = rgb(246, 158, 170);
inline constexpr Rgb kGlass = rgb(146, 208, 240);

// Pieces of faces. An eye is white around its pupil, so that it shows on any body.
void eye(Brush& brush, double x, double y, double radius);
void smile(Brush& brush, Rgb face, double x, double y, double width);
void cheek(Brush& brush, double x, double y, double radius);
// A highlight, for the upper left of what is smooth.
void shine(Brush& brush, double x, double y, double width, double height, double turned);

// Plants
void draw_tree(Brush& brush, Rgb body);
void draw_pine_tree(Brush& brush, Rgb body);
void draw_palm_tree(Brush& brush, Rgb body);
void draw_cactus(Brush& brush, Rgb body);
void draw_flower(Brush& brush, Rgb body);
void draw_mushroom(Brush& brush, Rgb body);

// Buildings and mountains
void draw_house(Brush& brush, Rgb body);
void draw_castle(Brush& brush, Rgb body);
void draw_lighthouse(Brush& brush, Rgb body);
void draw_windmill(Brush& brush, Rgb body);
void draw_pyramid(Brush& brush, Rgb body);
void draw_volcano(Brush& brush, Rgb body);

// Vehicles
void draw_sailboat(Brush& brush, Rgb body);
void draw_hot_air_balloon(Brush& brush, Rgb body);
void draw_rocket(Brush& brush, Rgb body);
void draw_car(Brush& brush, Rgb body);
void draw_train(Brush& brush, Rgb body);
void draw_airplane(Brush& brush, Rgb body);

// The sky
void draw_sun(Brush& brush, Rgb body);
void draw_moon(Brush& brush, Rgb body);
void draw_star(Brush& brush, Rgb body);
void draw_rainbow(Brush& brush, Rgb body);
void draw_cloud(Brush& brush, Rgb body);
void draw_planet(Brush& brush, Rgb body);

// Animals with legs
void draw_cat(Brush& brush, Rgb body);
void draw_dog(Brush& brush, Rgb body);
void draw_rabbit(Brush& brush, Rgb body);
void draw_bear(Brush& brush, Rgb body);
void draw_elephant(Brush& brush, Rgb body);
void draw_dinosaur(Brush& brush, Rgb body);

// Animals with wings
void draw_bird(Brush& brush, Rgb body);
void draw_duck(Brush& brush, Rgb body);
void draw_owl(Brush& brush, Rgb body);
void draw_penguin(Brush& brush, Rgb body);
void draw_butterfly(Brush& brush, Rgb body);

// Animals that swim or crawl
void draw_fish(Brush& brush, Rgb body);
void draw_whale(Brush& brush, Rgb body);
void draw_octopus(Brush& brush, Rgb body);
void draw_turtle(Brush& brush, Rgb body);
void draw_snail(Brush& brush, Rgb body);

// Figures
void draw_snowman(Brush& brush, Rgb body);
void draw_ghost(Brush& brush, Rgb body);
void draw_robot(Brush& brush, Rgb body);

// Food
void draw_apple(Brush& brush, Rgb body);
void draw_ice_cream(Brush& brush, Rgb body);
void draw_cake(Brush& brush, Rgb body);
void draw_banana(Brush& brush, Rgb body);
void draw_strawberry(Brush& brush, Rgb body);
void draw_carrot(Brush& brush, Rgb body);

// Around the house
void draw_heart(Brush& brush, Rgb body);
void draw_umbrella(Brush& brush, Rgb body);
void draw_cup(Brush& brush, Rgb body);
void draw_teapot(Brush& brush, Rgb body);
void draw_key(Brush& brush, Rgb body);
void draw_candle(Brush& brush, Rgb body);
void draw_crown(Brush& brush, Rgb body);
void draw_kite(Brush& brush, Rgb body);
void draw_bell(Brush& brush, Rgb body);
void draw_guitar(Brush& brush, Rgb body);
void draw_clock(Brush& brush, Rgb body);

}  // namespace latentreel::world
