using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>
/// Compresses what those who only look may see: it has no content. What has, such as a revealed job or a user's messages, goes out as it is, since the length of a
/// compressed answer tells something of a secret that stands beside text of an attacker's choice (BREACH); and so does what a foreign page makes a browser ask for,
/// by which such an attack is made.
/// </summary>
internal static class Compression
{
    private const string FetchSite = "Sec-Fetch-Site";

    public static void AddCompression(this IServiceCollection services) => services.AddResponseCompression(options =>
    {
        options.EnableForHttps = true;
        options.MimeTypes = ["application/json", "application/problem+json", "text/html", "text/css", "text/javascript", "image/svg+xml"];
    });

    public static void UseCompression(this WebApplication app) => app.UseWhen(IsCompressed, branch => branch.UseResponseCompression());

    private static bool IsCompressed(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && context.GetEndpoint() is { } endpoint
        && endpoint.Metadata.GetMetadata<LongLived>() is null
        && Door.Of(endpoint) is { Kind: DoorKind.Readers } or { Kind: DoorKind.Operating, Role: AccessRoles.Viewer }
        && context.Request.Headers[FetchSite].ToString() is "" or "none" or "same-origin";
}
