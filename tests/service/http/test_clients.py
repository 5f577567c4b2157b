"""Clients and proxies that are not ours, with a server that is: Java's, curl's, nginx's habits."""

import shutil
import subprocess

import pytest

from qualification.proxy import has_nginx, mixed, proxied

JAVA = """
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.io.ByteArrayInputStream;

public class Ask {
    static final byte[] BODY = "{\\"inputs\\": \\"my invoice\\"}".getBytes();

    static HttpRequest.Builder to(String[] args) {
        return HttpRequest.newBuilder(URI.create(args[0] + "/classify"))
            .header("Content-Type", "application/json");
    }

    public static void main(String[] args) throws Exception {
        HttpRequest.BodyPublisher[] bodies = {
            HttpRequest.BodyPublishers.ofByteArray(BODY),
            HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BODY)),
        };
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client = HttpClient.newBuilder().version(version).build();
            for (HttpRequest.BodyPublisher body : bodies) {
                for (int i = 0; i < 3; i++) {
                    HttpResponse<String> reply = client.send(
                        to(args).POST(body).build(), HttpResponse.BodyHandlers.ofString());
                    System.out.println(reply.statusCode() + " " + reply.version());
                }
            }
        }
    }
}
"""


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java is installed")
def test_a_java_client_that_offers_http_2_is_answered(server, tmp_path):
    source = tmp_path / "Ask.java"
    source.write_text(JAVA)
    run = subprocess.run(
        ["java", "-Xmx128m", str(source), server.url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "compiler" in run.stderr and run.returncode:
        pytest.skip("Java is installed without its compiler")
    assert run.stdout.splitlines() == ["200 HTTP_1_1"] * 12, run.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl is installed")
@pytest.mark.parametrize("more", [[], ["--http2"], ["--http1.0"], ["-H", "Expect: 100-continue"]])
def test_curl_is_answered(server, more):
    command = ["curl", "-s", "-m", "20", "-w", "%{http_code}", f"{server.url}/classify", *more]
    data = ["-H", "Content-Type: application/json", "-d", '{"inputs": "my invoice"}']
    run = subprocess.run([*command, *data], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("200")


@pytest.mark.skipif(not has_nginx(), reason="no nginx is installed")
def test_through_nginx_everybody_gets_his_own_answer(server, tmp_path):
    with proxied(int(server.url.rpartition(":")[2]), tmp_path / "nginx") as port:
        found = mixed(port, 300, seed=7)
    assert found == {"own answer": 300}
