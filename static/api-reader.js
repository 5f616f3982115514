// Draws the OpenAPI schema of this site. Trying out is for GET only: nothing is written from here.
"use strict";

const place = document.getElementById("reader");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  supportedSubmitMethods: ["get"],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
