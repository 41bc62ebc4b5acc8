/** The longest file that is read; scenarios and project files are a few kilobytes. */
export const MAX_YAML_BYTES = 64 * 1024
