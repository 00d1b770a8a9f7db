using System.Text.Json;
using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Http;

/// <summary>Output bindings: this sidecar serves no type of them, so that every name is one that there is not.</summary>
internal static class BindingEndpoints
{
    private static readonly string[] Methods = ["POST", "PUT"];

    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime) => app.MapMethods("/v1.0/bindings/{name}", Methods, async (string name, HttpContext context) =>
    {
        try
        {
            using var body = DaprJson.Parse(await RequestBody.ReadAsync(context.Request, runtime.Options.MaxBodySize, context.RequestAborted));
        }
        catch (JsonException exception)
        {
            throw new SidecarApiException(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", "the body is not JSON", exception);
        }

        throw Unknown(name);
    });

    public static SidecarApiException Unknown(string name) =>
        new(500, StatusCode.Internal, "ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {name}: couldn't find output binding {name}");
}
