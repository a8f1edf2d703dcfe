/** Part of the address of the console's files, so that they may be kept for ever: a unit test says what it must be. */
export const ASSET_VERSION = '1f5124eb'
