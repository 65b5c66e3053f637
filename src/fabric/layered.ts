// Parts on top of parts: what an actor has on top of what the home has.

/** Both as one object. Members that are read anew each time stay so, which spreading them would end. */
export const layered = <Below extends object, Above extends object>(below: Below, above: Above): Below & Above =>
  Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(below),
      ...Object.getOwnPropertyDescriptors(above),
    },
  ) as Below & Above // it has the members of both
