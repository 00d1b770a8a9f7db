using System.Net.Sockets;
using System.Text;

namespace WhiteCross.Access.Tests;

/// <summary>A request as it goes over the wire, with whatever headers: a client of the framework would put some right.</summary>
internal static class RawRequest
{
    public static async Task<int> SendAsync(Uri address, string method, string path, string body = "", params (string Name, string Value)[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var text = new StringBuilder().Append($"{method} {path} HTTP/1.1\r\n");
        foreach (var (name, value) in headers.Any(header => header.Name == "Host") ? headers : [("Host", address.Authority), .. headers])
        {
            text.Append($"{name}: {value}\r\n");
        }

        text.Append(body.Length == 0 && method == "GET" ? "\r\n" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        return int.Parse(line!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
