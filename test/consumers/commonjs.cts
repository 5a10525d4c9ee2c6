/** A CommonJS host under `module: nodenext`: Node 20.19 and newer `require` the package. */
import vedette = require('vedette');
import url = require('vedette/url');

export const engine: vedette.Engine = vedette.createEngine({ name: 'cjs', parts: { registrableDomain: url.registrableDomain } });
