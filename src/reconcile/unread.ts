/** The provider did not say what it was asked, or contradicts itself: the part of the run counts for nothing, and is tried again. */
export class Unread extends Error {}
