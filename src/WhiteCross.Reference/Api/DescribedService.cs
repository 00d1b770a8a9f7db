using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Reference;

/// <summary>A service as it describes itself: its endpoints, and the OpenAPI document that the framework makes of them.</summary>
internal sealed class DescribedService
{
    private readonly Dictionary<string, RouteEndpoint> _byName;

    private DescribedService(JsonObject document, IReadOnlyList<RouteEndpoint> endpoints)
    {
        (Document, Endpoints) = (document, endpoints);
        _byName = endpoints.Where(endpoint => NameOf(endpoint) is not null).ToDictionary(endpoint => NameOf(endpoint)!);
    }

    public JsonObject Document { get; }

    public IReadOnlyList<RouteEndpoint> Endpoints { get; }

    public static async Task<DescribedService> ReadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync(cancellationToken);
        var json = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return new DescribedService(JsonNode.Parse(json)!.AsObject(), [.. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()]);
    }

    /// <summary>The endpoint of an operation.</summary>
    public RouteEndpoint Of(string operationId) => _byName[operationId];

    /// <summary>The endpoint that passes requests for a path on to another service; null where none does.</summary>
    public RouteEndpoint? Passing(string path) => Endpoints
        .Where(endpoint => NameOf(endpoint) is null && endpoint.Metadata.GetMetadata<Door>() is { Kind: DoorKind.Users or DoorKind.Proof or DoorKind.Operating } && endpoint.Metadata.Any(one => one is Yarp.ReverseProxy.Model.RouteModel))
        .OrderBy(endpoint => endpoint.RoutePattern.InboundPrecedence)
        .FirstOrDefault(endpoint => new Microsoft.AspNetCore.Routing.Template.TemplateMatcher(new(endpoint.RoutePattern), []).TryMatch(path, []));

    private static string? NameOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
}
