using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WhiteCross.Testing.Processes;

/// <summary>An authority of the test's own and a server's certificate by it, for <c>localhost</c> and 127.0.0.1, as PEM files.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certificates-");

    /// <summary>Makes both, valid for a day.</summary>
    /// <param name="time">The clock.</param>
    public TestCertificate(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var (from, until) = (time.GetUtcNow().AddMinutes(-5), time.GetUtcNow().AddDays(1));
        using var authorityKey = TestKeys.Of(TestParty.Authority);
        var request = new CertificateRequest("CN=WhiteCross tests", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var authority = request.CreateSelfSigned(from, until);

        using var key = TestKeys.Of(TestParty.Server);
        var server = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var certificate = server.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));

        AuthorityFile = Write("authority.pem", authority.ExportCertificatePem());
        CertificateFile = Write("server.pem", certificate.ExportCertificatePem());
        KeyFile = Write("server.key", key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>The server's certificate.</summary>
    public string CertificateFile { get; }

    /// <summary>The server's key.</summary>
    public string KeyFile { get; }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string pem)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
