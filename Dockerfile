FROM python:3.13-slim

WORKDIR /srv/afterword
RUN install --directory --owner=10001 var
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY app app

USER 10001
ENV AFTERWORD_HOST=0.0.0.0 AFTERWORD_PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['AFTERWORD_PORT'] + '/livez', timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
