using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Running;
using WhiteCross.Sidecar.Secrets;

namespace WhiteCross.Sidecar.Http;

/// <summary>Secrets.</summary>
internal static class SecretEndpoints
{
    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime)
    {
        app.MapGet("/v1.0/secrets/{store}/bulk", (string store) =>
        {
            var secrets = Bulk(runtime, store);
            return secrets.Count == 0 ? Results.NoContent() : Results.Json(secrets);
        });
        app.MapGet("/v1.0/secrets/{store}/{key}", (string store, string key) =>
            Get(runtime, store, key) is { Count: > 0 } secret ? Results.Json(secret) : Results.NoContent());
    }

    public static IReadOnlyDictionary<string, string> Get(SidecarRuntime runtime, string store, string key)
    {
        var secrets = Find(runtime, store);
        if (!runtime.Resources.Configuration.AllowsSecret(store, key))
        {
            throw new SidecarApiException(403, StatusCode.PermissionDenied, "ERR_PERMISSION_DENIED", $"access denied by policy to get {key} from {store}");
        }

        return secrets.Get(key) ?? throw new SidecarApiException(500, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secret with key {key} from secret store {store}: secret {key} not found");
    }

    public static Dictionary<string, IReadOnlyDictionary<string, string>> Bulk(SidecarRuntime runtime, string store) =>
        Find(runtime, store).GetAll()
            .Where(secret => runtime.Resources.Configuration.AllowsSecret(store, secret.Key))
            .ToDictionary(secret => secret.Key, secret => secret.Value);

    private static ISecretStore Find(SidecarRuntime runtime, string store)
    {
        if (runtime.Resources.SecretStores.Count == 0)
        {
            throw new SidecarApiException(500, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured");
        }

        return runtime.Resources.SecretStores.TryGetValue(store, out var found)
            ? found
            : throw new SidecarApiException(401, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND", $"failed finding secret store with key {store}");
    }
}
