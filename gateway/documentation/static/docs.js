"use strict";

// Shows the merged description. Nothing is fetched from anywhere but this house.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
    persistAuthorization: false,
  });
});
