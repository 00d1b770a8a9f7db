using Grpc.Core;
using WhiteCross.Sidecar.Api;

namespace WhiteCross.Sidecar.Http;

/// <summary>The body of a request, up to the largest that is allowed.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpRequest request, long largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
        {
            throw TooLarge(largest);
        }

        if (request.ContentLength is { } length)
        {
            var body = new byte[length];
            await request.Body.ReadExactlyAsync(body, cancellationToken);
            return body;
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.Length > largest ? throw TooLarge(largest) : buffer.ToArray();
    }

    private static SidecarApiException TooLarge(long largest) =>
        new(413, StatusCode.ResourceExhausted, "ERR_REQUEST_TOO_LARGE", $"the body is larger than max-body-size ({largest} bytes)");
}
