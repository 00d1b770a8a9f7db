using System.Net;
using System.Net.Http.Headers;

namespace WhiteCross.MessageNotification;

/// <summary>A request's body that steps over the mark when it is about to be written: the connection stands, and the provider has seen nothing of it yet.</summary>
internal sealed class MarkedContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly SendingMark _mark;

    public MarkedContent(ReadOnlyMemory<byte> body, string mediaType, SendingMark mark)
    {
        _body = body;
        _mark = mark;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _mark.BeginAsync(cancellationToken);
        await stream.WriteAsync(_body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
