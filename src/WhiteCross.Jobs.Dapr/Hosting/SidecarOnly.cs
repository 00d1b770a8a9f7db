using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.Delivering;

namespace WhiteCross.Jobs.Dapr.Hosting;

/// <summary>Keeps endpoints for the service's own sidecar.</summary>
internal static class SidecarOnly
{
    public static TBuilder ForSidecarOnly<TBuilder>(this TBuilder endpoints, SidecarToken token, Action<HttpContext>? onAdmitted = null)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.WithMetadata(new SidecarEndpoint());
        endpoints.Finally(endpoint =>
        {
            // Around the whole endpoint: a filter would come after its body has been read and judged, which is nobody's business without the token.
            var handle = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (token.Refusal(context) is { } refusal)
                {
                    return TypedResults.Problem(refusal, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
                }

                onAdmitted?.Invoke(context);
                return handle(context);
            };
        });
        return endpoints;
    }
}
