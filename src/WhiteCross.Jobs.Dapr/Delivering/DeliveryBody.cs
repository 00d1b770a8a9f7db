using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// Says of an endpoint that it reads a sidecar's delivery: a CloudEvent, or a bulk of them as plain JSON. What comes as another content type, such as a
/// web page's form or text, is answered 415 and not looked at.
/// </summary>
internal sealed class DeliveryBody : IAcceptsMetadata
{
    private static readonly DeliveryBody Instance = new();

    public IReadOnlyList<string> ContentTypes { get; } = ["application/cloudevents+json", "application/json"];

    public Type? RequestType => typeof(JsonElement);

    public bool IsOptional => false;

    public static TBuilder Of<TBuilder>(TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Instance);
}
