using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace WhiteCross.ServiceDefaults;

/// <summary>Describes query parameters that an endpoint reads itself, to name everything that is wrong with them at once rather than the first.</summary>
public static class QueryParameters
{
    /// <summary>Adds a query parameter to the endpoints' description.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="description">What it means: default, bounds.</param>
    /// <param name="format">Its format, for example <c>uuid</c>.</param>
    /// <returns>The endpoints.</returns>
    public static TBuilder WithQueryParameter<TBuilder>(
        this TBuilder endpoints, string name, JsonSchemaType type, string description, string? format = null)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.ReadsQuery(name).AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Query,
                Description = description,
                Schema = new OpenApiSchema { Type = type, Format = format },
            });
            return Task.CompletedTask;
        });
}
