import * as fc from 'fast-check'

// Properties are tested with the same values each time, so that a build fails for what was changed and not by chance; PROPERTY_SEED asks for others.
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) })
