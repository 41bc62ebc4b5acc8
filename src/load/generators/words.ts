/** Short, common words for values that should look like text rather than noise. */
export const WORDS = (
  'amber anchor apple arrow autumn basil beach birch bridge bronze cabin candle canyon cedar cherry cloud clover cobalt comet copper coral ' +
  'cotton crane daisy delta desert dune eagle ember falcon fern field flint forest garnet ginger glacier granite harbor hazel heron indigo iris ' +
  'island ivory jasper juniper lagoon lantern laurel lemon linen lotus maple marble meadow mist moss nectar north ocean olive onyx orchid otter ' +
  'pearl pebble pine plume poppy prairie quartz quill rain raven reed ridge river robin rose saffron sage sand shore silver slate snow sparrow ' +
  'spruce stone storm summit sunset tiger timber topaz tulip valley velvet violet walnut wave willow winter wren zephyr'
).split(' ')
